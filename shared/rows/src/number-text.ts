import { charCode } from './char-code.ts'

/**
 * Reads JSON numbers as doubles and tells whether the double stands for the text.
 *
 * A number is exact when the shortest text that reads back as its double denotes the same number as its own text. So 0.1, 1e23 and
 * 12.50 are exact, although no double equals 0.1; 9007199254740993, 0.1000000000000000055 and 1e400 are not: written back, they would be other numbers.
 */
export class NumberText {
  /** Of the number last read. */
  isExact = true

  /** The double nearest to the JSON number at `bytes[start .. end)`; infinite if it is too large for one. */
  read(bytes: Uint8Array, start: number, end: number): number {
    let position = start
    let byte = bytes[position]!
    const isNegative = byte === charCode.minus
    if (isNegative) byte = bytes[++position]!
    let digits = 0
    let significant = 0
    let fraction = 0
    let inFraction = false
    for (; position < end; byte = bytes[++position]!) {
      if (byte === charCode.dot) {
        inFraction = true
        continue
      }
      if (byte > charCode.nine) return this.#readSlowly(bytes, start, end)
      digits = digits * 10 + (byte - charCode.zero)
      if (digits > 0) significant++
      if (inFraction) fraction++
    }
    // Up to 15 significant digits survive a double and back, and both operands of the division are exact.
    if (significant > 15 || fraction > 22) return this.#readSlowly(bytes, start, end)
    this.isExact = true
    const value = digits / powersOfTen[fraction]!
    return isNegative ? -value : value
  }

  #readSlowly(bytes: Uint8Array, start: number, end: number): number {
    const text = asciiText(bytes, start, end)
    const value = Number(text)
    this.isExact = Number.isFinite(value) && isSameNumber(decimalDigits(text), decimalDigits(String(value)))
    return value
  }
}

const powersOfTen = Float64Array.from({ length: 23 }, (_, power) => Number(`1e${power}`))

/** A finite decimal: `(-1)^negative * digits * 10^exponent`, without leading or trailing zeros; zero has no digits. */
export interface DecimalDigits {
  readonly isNegative: boolean
  readonly digits: string
  readonly exponent: number
}

/** Takes a JSON number apart, exactly. Linear in its length. */
export function decimalDigits(text: string): DecimalDigits {
  const isNegative = text.startsWith('-')
  const exponentAt = text.search(/[eE]/)
  const mantissa = text.slice(isNegative ? 1 : 0, exponentAt < 0 ? text.length : exponentAt)
  const dot = mantissa.indexOf('.')
  const digits = dot < 0 ? mantissa : mantissa.slice(0, dot) + mantissa.slice(dot + 1)
  let first = 0
  while (digits.charCodeAt(first) === charCode.zero) first++
  let last = digits.length
  while (last > first && digits.charCodeAt(last - 1) === charCode.zero) last--
  if (first === last) return { isNegative, digits: '', exponent: 0 }
  const scale = (dot < 0 ? 0 : mantissa.length - dot - 1) - (digits.length - last)
  return {
    isNegative,
    digits: digits.slice(first, last),
    exponent: (exponentAt < 0 ? 0 : Number(text.slice(exponentAt + 1))) - scale,
  }
}

/** The decimal times `10^scale` as an integer; undefined if it has digits beyond that, or more than `digitsMax` in all. */
export function scaledInteger(decimal: DecimalDigits, scale: number, digitsMax: number): bigint | undefined {
  if (decimal.digits === '') return 0n
  const zeros = decimal.exponent + scale
  if (zeros < 0 || decimal.digits.length + zeros > digitsMax) return undefined
  const value = BigInt(decimal.digits + '0'.repeat(zeros))
  return decimal.isNegative ? -value : value
}

export function asciiText(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
}

function isSameNumber(left: DecimalDigits, right: DecimalDigits): boolean {
  if (left.digits !== right.digits || left.exponent !== right.exponent) return false
  return left.digits === '' || left.isNegative === right.isNegative
}
