import { dayMax, dayMin, daysFromDate, noSuchDay } from './calendar.ts'
import { asciiText, decimalDigits } from './number-text.ts'

/**
 * A point in time read from JSON, as whole seconds and the microseconds within (0 to 999,999): microseconds since the epoch outgrow a double
 * in the year 2255. Every reader returns whether the input is an accepted instant (1900-01-01 to 9999-12-31 UTC); if not, the fields are unspecified.
 */
export class Instant {
  seconds = 0
  micros = 0
  #lastDate = -1
  #lastDays = 0

  /**
   * RFC 3339 text, `YYYY-MM-DD("T"|" ")hh:mm:ss[.f{1,9}][Z|(+|-)hh:mm]`; fraction digits beyond the sixth are cut, no offset means UTC,
   * second 60 and hour 24 do not exist.
   */
  readText(bytes: Uint8Array, start: number, end: number): boolean {
    if (end - start < 19) return false
    const days = this.#readDate(bytes, start)
    const separator = bytes[start + 10]!
    const hour = twoDigits(bytes, start + 11)
    const minute = twoDigits(bytes, start + 14)
    const second = twoDigits(bytes, start + 17)
    if (days === noSuchDay || hour < 0 || hour > 23 || minute < 0 || minute > 59 || second < 0 || second > 59)
      return false
    if (separator !== 0x54 && separator !== 0x20 && separator !== 0x74) return false
    if (bytes[start + 13] !== 0x3a || bytes[start + 16] !== 0x3a) return false

    let position = start + 19
    let micros = 0
    if (position < end && bytes[position] === 0x2e) {
      let count = 0
      while (++position < end) {
        const digit = bytes[position]! - 0x30
        if (digit < 0 || digit > 9) break
        if (count++ < 6) micros = micros * 10 + digit
      }
      if (count < 1 || count > 9) return false
      for (; count < 6; count++) micros *= 10
    }
    const offsetMinutes = zoneOffset(bytes, position, end)
    if (offsetMinutes === noZone) return false
    return this.#set(days * 86_400 + hour * 3600 + minute * 60 + second - offsetMinutes * 60, micros)
  }

  /** A JSON number n: seconds if |n| < 1e11, milliseconds if < 1e14; digits below a microsecond are cut. */
  readNumber(bytes: Uint8Array, start: number, end: number): boolean {
    const text = asciiText(bytes, start, end)
    const value = Number(text)
    const size = Math.abs(value)
    if (!(size < 1e14)) return false
    const unitDigits = size < 1e11 ? 6 : 3
    if (Number.isInteger(value) && Number.isSafeInteger(value)) {
      const isPlain = end - start < 16
      if (isPlain) return unitDigits === 6 ? this.#set(value, 0) : this.readMs(value)
    }
    const decimal = decimalDigits(text)
    // Beyond this the number is nearer to zero than a microsecond; the exponent may be absurd.
    if (decimal.exponent < -400) return this.#set(0, 0)
    const zeros = decimal.exponent + unitDigits
    const digits = zeros >= 0 ? decimal.digits + '0'.repeat(zeros) : decimal.digits.slice(0, zeros)
    const total = BigInt(digits === '' ? '0' : digits) * (decimal.isNegative ? -1n : 1n)
    const micros = Number(((total % 1_000_000n) + 1_000_000n) % 1_000_000n)
    return this.#set(Number((total - BigInt(micros)) / 1_000_000n), micros)
  }

  /** Whole milliseconds since the epoch. */
  readMs(ms: number): boolean {
    const seconds = Math.floor(ms / 1000)
    return this.#set(seconds, (ms - seconds * 1000) * 1000)
  }

  /** The UTC day, in days since the epoch. */
  get days(): number {
    return Math.floor(this.seconds / 86_400)
  }

  #set(seconds: number, micros: number): boolean {
    this.seconds = seconds
    this.micros = micros
    return seconds >= dayMin * 86_400 && seconds < (dayMax + 1) * 86_400
  }

  /** Remembers the last date: neighbouring events mostly share it. */
  #readDate(bytes: Uint8Array, start: number): number {
    const century = twoDigits(bytes, start)
    const year = twoDigits(bytes, start + 2)
    const month = twoDigits(bytes, start + 5)
    const day = twoDigits(bytes, start + 8)
    if (century < 0 || year < 0 || month < 0 || day < 0) return noSuchDay
    if (bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d) return noSuchDay
    const date = ((century * 100 + year) * 100 + month) * 100 + day
    if (date !== this.#lastDate) {
      this.#lastDate = date
      this.#lastDays = daysFromDate(century * 100 + year, month, day)
    }
    return this.#lastDays
  }
}

/** Days of a `YYYY-MM-DD` text within the accepted range, or -1e9. */
export function readDateText(bytes: Uint8Array, start: number, end: number): number {
  if (end - start !== 10 || bytes[start + 4] !== 0x2d || bytes[start + 7] !== 0x2d) return noSuchDay
  const century = twoDigits(bytes, start)
  const year = twoDigits(bytes, start + 2)
  const month = twoDigits(bytes, start + 5)
  const day = twoDigits(bytes, start + 8)
  if (century < 0 || year < 0 || month < 0 || day < 0) return noSuchDay
  const days = daysFromDate(century * 100 + year, month, day)
  return days >= dayMin && days <= dayMax ? days : noSuchDay
}

const noZone = 1e9

/** Minutes east of UTC of what follows the seconds up to `end`. */
function zoneOffset(bytes: Uint8Array, position: number, end: number): number {
  if (position === end) return 0
  const sign = bytes[position]!
  if (sign === 0x5a || sign === 0x7a) return position + 1 === end ? 0 : noZone
  if ((sign !== 0x2b && sign !== 0x2d) || end - position !== 6 || bytes[position + 3] !== 0x3a) return noZone
  const hours = twoDigits(bytes, position + 1)
  const minutes = twoDigits(bytes, position + 4)
  if (hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return noZone
  return (sign === 0x2d ? -1 : 1) * (hours * 60 + minutes)
}

/** 0 to 99, or negative if either byte is no digit. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = bytes[at]! - 0x30
  const ones = bytes[at + 1]! - 0x30
  return tens < 0 || tens > 9 || ones < 0 || ones > 9 ? -1 : tens * 10 + ones
}
