/** Days since 1970-01-01 of a proleptic Gregorian date; -1e9 if there is no such day. Integer arithmetic only. */
export function daysFromDate(year: number, month: number, day: number): number {
  if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return noSuchDay
  // Years counted from March put the leap day last.
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  const dayOfEra = yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear
  return era * 146_097 + dayOfEra - 719_468
}

export const noSuchDay = -1e9

/** `YYYY-MM-DD` of a day in years 0 to 9999. */
export function dateText(days: number): string {
  return new Date(days * 86_400_000).toISOString().slice(0, 10)
}

/** First and last day a timestamp or date may fall on: 1900-01-01 and 9999-12-31. */
export const dayMin = -25_567
export const dayMax = 2_932_896

function daysInMonth(year: number, month: number): number {
  if (month === 2) return year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
}
