import { canonicalJson, compareRanges, sha256Hex, type OffsetRange, type RangeCounts } from '@silt/core'

/** A range of a unit. `restart` is how often an operator restarted the partition under this topic id (0 = never). */
export interface UnitRange extends OffsetRange {
  readonly restart: number
}

/** A range as written: what its offsets turned out to be. */
export interface CountedRange extends RangeCounts {
  readonly restart: number
}

/** Deterministic id of a unit, 16 hex digits: sha256 of the canonical JSON of topic id and sorted ranges. */
export function unitId(topicId: string | null, ranges: readonly UnitRange[]): string {
  const sorted = [...ranges]
    .sort(compareRanges)
    .map(({ partition, start, endExclusive, restart }) => ({ partition, start, endExclusive, restart }))
  return sha256Hex(canonicalJson({ topicId, ranges: sorted })).slice(0, 16)
}
