import { SiltError } from './errors.ts'

/** Half-open `[start, endExclusive)` of offsets in one partition. Offsets are safe integers >= 0. */
export interface OffsetRange {
  readonly partition: number
  readonly start: number
  readonly endExclusive: number
}

/** Checks a 64-bit value from outside at the border: a safe integer >= 0, or `data/offset-out-of-bounds`. */
export function checkedOffset(value: number | bigint): number {
  const offset = Number(value)
  if (!Number.isSafeInteger(offset) || offset < 0)
    throw new SiltError('data', 'data/offset-out-of-bounds', `offset ${value} is not a safe non-negative integer`)
  return offset
}

/** By partition, then start. */
export function compareRanges(a: OffsetRange, b: OffsetRange): number {
  return a.partition - b.partition || a.start - b.start
}
