export interface Claim {
  readonly memberId: string
  /** What the member planned for when it joined. */
  readonly owned: readonly number[]
}

/**
 * Shares partitions out evenly (counts differ by one at most), each staying with the member that has it where that fits.
 * The same for the same members in any order. Pure.
 */
export function assignPartitions(claims: readonly Claim[], partitions: readonly number[]): Map<string, number[]> {
  const members = claims.toSorted((a, b) => compare(a.memberId, b.memberId))
  const free = new Set(partitions.toSorted((a, b) => a - b))
  const assigned = new Map(members.map(({ memberId }): [string, number[]] => [memberId, []]))
  const floor = Math.floor(partitions.length / Math.max(1, members.length))
  let spare = partitions.length - floor * members.length
  for (const { memberId, owned } of members) {
    const kept = assigned.get(memberId) as number[]
    for (const partition of owned.toSorted((a, b) => a - b)) {
      if (!free.has(partition) || kept.length > floor || (kept.length === floor && spare === 0)) continue
      if (kept.length === floor) spare--
      kept.push(partition)
      free.delete(partition)
    }
  }
  for (const partition of free) {
    const [neediest] = [...assigned.values()].sort((a, b) => a.length - b.length)
    neediest?.push(partition)
  }
  for (const list of assigned.values()) list.sort((a, b) => a - b)
  return assigned
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
