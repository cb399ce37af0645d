/** Null in a vector. */
export function isAbsent(value: unknown): value is null | undefined {
  return value === null || value === undefined
}

/** The items of all lists, one after the other, and where each list's begin and end; a list that is absent has none. */
export function flattened(
  values: readonly unknown[],
  itemsOf: (value: unknown) => readonly unknown[],
): { readonly offsets: Int32Array<ArrayBuffer>; readonly items: readonly unknown[] } {
  const offsets = new Int32Array(values.length + 1)
  const items: unknown[] = []
  values.forEach((value, slot) => {
    if (!isAbsent(value)) for (const item of itemsOf(value)) items.push(item)
    offsets[slot + 1] = items.length
  })
  return { offsets, items }
}
