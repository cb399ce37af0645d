/** Maps `items` with at most `atOnceMax` of them under way at one time; answers in their order. */
export async function inTurns<Item, Result>(
  atOnceMax: number,
  items: readonly Item[],
  map: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const waiting = items.entries()
  const lane = async (): Promise<void> => {
    for (const [index, item] of waiting) results[index] = await map(item)
  }
  await Promise.all(Array.from({ length: atOnceMax }, lane))
  return results
}
