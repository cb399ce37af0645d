import { dayOf, daysOf } from './calendar.ts'
import { trimSpace } from './text.ts'

const datePattern = /^([+-]?)(\d{4,7})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T].*)?)?)?$/s

/**
 * Days since the epoch of a text as Spark casts one: `y`, `y-m`, `y-m-d`, and behind a whole date a space or T and anything. Undefined where it is no date.
 */
export function parseDate(text: string): number | undefined {
  const match = datePattern.exec(trimSpace(text))
  if (match === null) return undefined
  const [, sign, year, month = '1', day = '1'] = match
  const signed = sign === '-' ? -Number(year) : Number(year)
  const days = daysOf({ year: signed, month: Number(month), day: Number(day) })
  // A date is 32 bits of days: not all years of seven digits.
  return days !== undefined && days === (days | 0) ? days : undefined
}

/** `yyyy-MM-dd`; years beyond four digits carry their sign. */
export function dateText(days: number): string {
  const { year, month, day } = dayOf(days)
  return `${yearText(year)}-${two(month)}-${two(day)}`
}

export function yearText(year: number): string {
  const digits = String(Math.abs(year)).padStart(4, '0')
  return year < 0 ? `-${digits}` : year > 9999 ? `+${digits}` : digits
}

export function two(value: number | bigint): string {
  return String(value).padStart(2, '0')
}
