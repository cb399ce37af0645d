import type { RangeCounts, RecordSlab } from '@silt/core'
import { recordBytes } from '@silt/rows'
import { recordOutcome } from '../scan/slab-view.ts'

/** The slab with its arrays at hand: those of a slab in the plane are views made anew by each access. */
export function withArrays(slab: RecordSlab): RecordSlab {
  const { partition, start, nextOffset, count, offsets, timestampsMs, bytes, sizeBytes, oversized } = slab
  const { keyStarts, keyEnds, valueStarts, valueEnds, headerStarts, headerEnds } = slab
  const spans = { keyStarts, keyEnds, valueStarts, valueEnds, headerStarts, headerEnds }
  return { partition, start, nextOffset, count, offsets, timestampsMs, bytes, sizeBytes, oversized, ...spans }
}

/** What records `from` to before `to` weigh. */
export function weightBytes(slab: RecordSlab, from: number, to: number): number {
  let sum = 0
  for (let index = from; index < to; index++) sum += recordBytes(slab, index)
  return sum
}

export function refusedCount(outcomes: Uint8Array, from: number, to: number): number {
  let count = 0
  for (let index = from; index < to; index++) if (outcomes[index] === recordOutcome.refused) count++
  return count
}

/** What two have taken of the same ranges; where a range ended, the first knows. */
export function addedCounts(
  first: readonly RangeCounts[],
  second: readonly Pick<RangeCounts, 'rows' | 'deadLetters'>[],
): RangeCounts[] {
  return first.map((range, index) => {
    const rows = range.rows + (second[index]?.rows ?? 0)
    const deadLetters = range.deadLetters + (second[index]?.deadLetters ?? 0)
    const read = rows + deadLetters
    return { ...range, read, rows, deadLetters, gaps: range.endExclusive - range.start - read }
  })
}
