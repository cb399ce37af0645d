import {
  decimalOf,
  type BytesVector,
  type DataType,
  type DoubleVector,
  type IntegerVector,
  type LongVector,
} from '@silt/core'

/** The smallest and largest value of a column as JSON text; a side that cannot be bounded is left out. */
export interface Bounds {
  readonly min?: string
  readonly max?: string
}

/** Code points kept of a text bound. */
const boundCodePointsMax = 32

/**
 * Bounds of a text column by UTF-8 byte order (code point order, what Spark and delta-rs compare by). Longer texts are cut to 32 code points: the
 * minimum is a prefix and so sorts no later; the maximum's last code point that can grow is raised, the rest dropped, so it sorts
 * no earlier. If none can grow, there is no maximum.
 */
export function stringBounds(vector: BytesVector): Bounds {
  const { offsets, bytes, validity, length } = vector
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let minSlot = -1
  let maxSlot = -1
  let minPrefix = 0
  let maxPrefix = 0
  for (let slot = 0; slot < length; slot++) {
    if (validity !== undefined && (validity[slot >> 3]! & (1 << (slot & 7))) === 0) continue
    const prefix = prefixOf(view, offsets[slot]!, offsets[slot + 1]!)
    // Most values lie strictly between by their first bytes alone.
    if (prefix > minPrefix && prefix < maxPrefix) continue
    if (
      minSlot < 0 ||
      prefix < minPrefix ||
      (prefix === minPrefix && compareSlots(bytes, offsets, slot, minSlot) < 0)
    ) {
      minSlot = slot
      minPrefix = prefix
    }
    if (
      maxSlot < 0 ||
      prefix > maxPrefix ||
      (prefix === maxPrefix && compareSlots(bytes, offsets, slot, maxSlot) > 0)
    ) {
      maxSlot = slot
      maxPrefix = prefix
    }
  }
  if (minSlot < 0) return {}
  const min = boundText(bytes, offsets[minSlot]!, offsets[minSlot + 1]!)
  const max = boundText(bytes, offsets[maxSlot]!, offsets[maxSlot + 1]!)
  const raised = max.isWhole ? max.text : raise(max.text)
  return { min: JSON.stringify(min.text), ...(raised === undefined ? {} : { max: JSON.stringify(raised) }) }
}

/**
 * Bounds of doubles. NaN sorts above every number for the engines that read the table, so one NaN takes the maximum away; an infinite side is
 * left out as well, for JSON has no infinity. A zero minimum keeps its sign, a zero maximum is positive: both bound -0 and 0 in any order.
 */
export function doubleBounds(vector: DoubleVector): Bounds {
  const { values, validity, length } = vector
  let min = Infinity
  let max = -Infinity
  let hasNan = false
  for (let slot = 0; slot < length; slot++) {
    if (validity !== undefined && (validity[slot >> 3]! & (1 << (slot & 7))) === 0) continue
    const value = values[slot]!
    if (value < min || (value === 0 && min === 0 && Object.is(value, -0))) min = value
    if (value > max) max = value
    if (value !== value) hasNan = true
  }
  return {
    ...(Number.isFinite(min) ? { min: Object.is(min, -0) ? '-0.0' : String(min) } : {}),
    ...(Number.isFinite(max) && !hasNan ? { max: max === 0 ? '0' : String(max) } : {}),
  }
}

/** Bounds of 64-bit integers: exact digits for `long` and `decimal`, milliseconds that enclose the microseconds for timestamps. */
export function longBounds(vector: LongVector, type: DataType): Bounds {
  const { values, validity, length } = vector
  let min: bigint | undefined
  let max: bigint | undefined
  for (let slot = 0; slot < length; slot++) {
    if (validity !== undefined && (validity[slot >> 3]! & (1 << (slot & 7))) === 0) continue
    const value = values[slot]!
    if (min === undefined || value < min) min = value
    if (max === undefined || value > max) max = value
  }
  if (min === undefined || max === undefined) return {}
  if (vector.kind === 'timestamp') {
    const zone = type === 'timestamp_ntz' ? '' : 'Z'
    return defined(timestampText(floorMs(min), zone), timestampText(-floorMs(-max), zone))
  }
  const decimal = decimalOf(type)
  return decimal === undefined
    ? { min: min.toString(), max: max.toString() }
    : { min: decimalText(min, decimal.scale), max: decimalText(max, decimal.scale) }
}

/** Bounds of 32-bit integers: digits, or for `date` its ISO text. */
export function integerBounds(vector: IntegerVector): Bounds {
  const { values, validity, length } = vector
  let min = Infinity
  let max = -Infinity
  for (let slot = 0; slot < length; slot++) {
    if (validity !== undefined && (validity[slot >> 3]! & (1 << (slot & 7))) === 0) continue
    const value = values[slot]!
    if (value < min) min = value
    if (value > max) max = value
  }
  if (min > max) return {}
  return vector.kind === 'date' ? defined(dateText(min), dateText(max)) : { min: String(min), max: String(max) }
}

function defined(min: string | undefined, max: string | undefined): Bounds {
  return { ...(min === undefined ? {} : { min }), ...(max === undefined ? {} : { max }) }
}

/** The first four bytes as a number, zeros after the end: of two texts with different prefixes, the smaller prefix is the smaller text's. */
function prefixOf(view: DataView, start: number, end: number): number {
  if (end - start >= 4) return view.getUint32(start)
  let prefix = 0
  for (let index = start; index < start + 4; index++) prefix = prefix * 256 + (index < end ? view.getUint8(index) : 0)
  return prefix
}

function compareSlots(bytes: Uint8Array, offsets: Int32Array, left: number, right: number): number {
  const leftStart = offsets[left]!
  const rightStart = offsets[right]!
  const leftLength = offsets[left + 1]! - leftStart
  const rightLength = offsets[right + 1]! - rightStart
  const shared = leftLength < rightLength ? leftLength : rightLength
  for (let index = 0; index < shared; index++) {
    const difference = bytes[leftStart + index]! - bytes[rightStart + index]!
    if (difference !== 0) return difference
  }
  return leftLength - rightLength
}

/** At most `boundCodePointsMax` code points from the bytes; never splits one. */
function boundText(
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly text: string; readonly isWhole: boolean } {
  let codePoints = 0
  let cut = start
  while (cut < end) {
    if ((bytes[cut]! & 0xc0) !== 0x80 && codePoints++ === boundCodePointsMax) break
    cut++
  }
  return { text: Buffer.from(bytes.buffer, bytes.byteOffset + start, cut - start).toString(), isWhole: cut === end }
}

/** The shortest text after every text that starts with `prefix`; undefined if there is none. */
function raise(prefix: string): string | undefined {
  const codePoints = Array.from(prefix)
  for (let last = codePoints.length - 1; last >= 0; last--) {
    const codePoint = codePoints[last]!.codePointAt(0)!
    if (codePoint === 0x10ffff) continue
    // D7FF's successor among characters is E000: what lies between are surrogates.
    const next = codePoint === 0xd7ff ? 0xe000 : codePoint + 1
    return codePoints.slice(0, last).join('') + String.fromCodePoint(next)
  }
  return undefined
}

function floorMs(micros: bigint): bigint {
  const quotient = micros / 1000n
  return micros % 1000n < 0n ? quotient - 1n : quotient
}

/** First and last ms whose ISO text has a four-digit year, which is all that readers of statistics agree on. */
const isoMsMin = -62135596800000n
const isoMsMax = 253402300799999n

function timestampText(ms: bigint, zone: string): string | undefined {
  if (ms < isoMsMin || ms > isoMsMax) return undefined
  return `"${new Date(Number(ms)).toISOString().slice(0, -1)}${zone}"`
}

function dateText(days: number): string | undefined {
  const ms = BigInt(days) * 86_400_000n
  if (ms < isoMsMin || ms > isoMsMax) return undefined
  return `"${new Date(Number(ms)).toISOString().slice(0, 10)}"`
}

function decimalText(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const split = digits.length - scale
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, split)}${scale === 0 ? '' : `.${digits.slice(split)}`}`
}
