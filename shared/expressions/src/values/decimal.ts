import type { DecimalShape } from '../types/sql-type.ts'

/** `unscaled` divided by 10^`scale`. */
export interface Decimal {
  readonly unscaled: bigint
  readonly scale: number
}

const decimalPattern = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/
/** No text of a decimal that any type of Delta holds needs more. */
const exponentMax = 6_000
const digitsMax = 10_000

/** A decimal in Java's spelling (BigDecimal); undefined for any other text, and for one beyond what any column holds by far. */
export function parseDecimal(text: string): Decimal | undefined {
  if (text.length > digitsMax) return undefined
  const match = decimalPattern.exec(text)
  if (match === null) return undefined
  const [, sign, whole = '', fraction = '', exponent = '0'] = match
  if (whole === '' && fraction === '') return undefined
  if (Math.abs(Number(exponent)) > exponentMax) return undefined
  const unscaled = BigInt(`${whole}${fraction}`)
  return { unscaled: sign === '-' ? -unscaled : unscaled, scale: fraction.length - Number(exponent) }
}

/** The decimal of the shortest text that denotes the double, as Java makes one; undefined for NaN and the infinities. */
export function decimalOfDouble(value: number): Decimal | undefined {
  return Number.isFinite(value) ? parseDecimal(String(value)) : undefined
}

/** At another scale, rounded half up (away from zero); undefined where it then has more digits than the precision. */
export function fitDecimal({ unscaled, scale }: Decimal, shape: DecimalShape): bigint | undefined {
  const rescaled = rescale(unscaled, scale, shape.scale)
  const bound = 10n ** BigInt(shape.precision)
  return rescaled < bound && rescaled > -bound ? rescaled : undefined
}

/** Rounded half up, away from zero. */
export function rescale(unscaled: bigint, from: number, to: number): bigint {
  if (to >= from) return unscaled * 10n ** BigInt(to - from)
  return divideHalfUp(unscaled, 10n ** BigInt(from - to))
}

/** Rounded half up, away from zero. */
export function divideHalfUp(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor
  const rest = dividend % divisor
  const isUp = 2n * magnitude(rest) >= magnitude(divisor)
  if (!isUp) return quotient
  return dividend < 0n === divisor < 0n ? quotient + 1n : quotient - 1n
}

export function magnitude(value: bigint): bigint {
  return value < 0n ? -value : value
}

/** With zeros for what is beyond so many digits, rounded half up. */
export function atDigits(value: bigint, digits: number): bigint {
  const beyond = magnitude(value).toString().length - digits
  if (beyond <= 0) return value
  const unit = 10n ** BigInt(beyond)
  return divideHalfUp(value, unit) * unit
}

/** All digits of its scale, without an exponent. */
export function decimalText(unscaled: bigint, scale: number): string {
  const digits = magnitude(unscaled)
    .toString()
    .padStart(scale + 1, '0')
  const point = digits.length - scale
  const sign = unscaled < 0n ? '-' : ''
  return scale === 0 ? `${sign}${digits}` : `${sign}${digits.slice(0, point)}.${digits.slice(point)}`
}
