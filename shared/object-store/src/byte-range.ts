import { SiltError } from '@silt/core'

export interface ByteRange {
  readonly startByte: number
  readonly endByteExclusive: number
}

/** The largest object a `get` reads into memory, and the largest a `put` sends. */
const objectBytesMax = 2 ** 30

/** Throws `store/invalid-range` unless `0 <= startByte <= endByteExclusive`, both whole and at most `objectBytesMax` apart. */
export function requireRange(range: ByteRange): void {
  const { startByte, endByteExclusive } = range
  const whole = Number.isSafeInteger(startByte) && Number.isSafeInteger(endByteExclusive)
  if (!whole || startByte < 0 || endByteExclusive < startByte) {
    throw new SiltError('invalid', 'store/invalid-range', `[${startByte}, ${endByteExclusive}) is no range of bytes`)
  }
  requireObjectBytes(endByteExclusive - startByte, 'a range')
}

/** Throws `store/too-large`: an object is held in memory whole. */
export function requireObjectBytes(bytes: number, what: string): void {
  if (bytes <= objectBytesMax) return
  throw new SiltError(
    'unsupported',
    'store/too-large',
    `${what} of ${bytes} bytes is over the ${objectBytesMax} that are held in memory`,
  )
}
