import { daysOf, daysOfMicros, isLong, microsOfDay, microsPerDay } from './calendar.ts'
import { dateText, two } from './date-text.ts'
import { trimSpace } from './text.ts'

const timestampPattern =
  /^([+-]?)(\d{4,6})(?:-(\d{1,2})(?:-(\d{1,2})(?:[ T](?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2})(?:\.(\d*))?)?)?)?(.*))?)?)?$/s

/**
 * µs since the epoch of a text as Spark casts one in a session of time zone UTC; `localMicros` of the day and time as written, whatever zone stands behind. Undefined where it is no timestamp, and for what needs more than the text:
 * a time without a day (Spark takes today) or a region's name for a zone (whose rules change).
 */
export function parseTimestamp(text: string): { readonly micros: bigint; readonly localMicros: bigint } | undefined {
  const match = timestampPattern.exec(trimSpace(text))
  if (match === null) return undefined
  const [, sign, year, month = '1', day = '1', hour, minute, second, fraction, zone = ''] = match
  const days = daysOf({ year: sign === '-' ? -Number(year) : Number(year), month: Number(month), day: Number(day) })
  if (days === undefined) return undefined
  // A zone stands behind seconds, or nothing does.
  if (zone !== '' && second === undefined) return undefined
  const [hours, minutes, seconds] = [Number(hour ?? 0), Number(minute ?? 0), Number(second ?? 0)]
  if (hours > 23 || minutes > 59 || seconds > 59) return undefined
  const offsetSeconds = zone === '' ? 0 : zoneOffset(zone)
  if (offsetSeconds === undefined) return undefined
  const micros = Number((fraction ?? '').slice(0, 6).padEnd(6, '0'))
  const secondOfDay = hours * 3600 + minutes * 60 + seconds
  const localMicros = BigInt(days) * microsPerDay + BigInt(secondOfDay) * 1_000_000n + BigInt(micros)
  const total = localMicros - BigInt(offsetSeconds) * 1_000_000n
  return isLong(total) && isLong(localMicros) ? { micros: total, localMicros } : undefined
}

/** `yyyy-MM-dd HH:mm:ss` and, where it is not 0, the fraction without trailing zeros; in UTC. */
export function timestampText(micros: bigint): string {
  const rest = microsOfDay(micros)
  const seconds = rest / 1_000_000n
  const time = `${two(seconds / 3600n)}:${two((seconds / 60n) % 60n)}:${two(seconds % 60n)}`
  const fraction = (rest % 1_000_000n).toString().padStart(6, '0').replace(/0+$/, '')
  return `${dateText(daysOfMicros(micros))} ${time}${fraction === '' ? '' : `.${fraction}`}`
}

const offsetPattern = /^(?:UTC|GMT|UT)?([+-])(\d{1,2})(?::(\d{1,2})(?::(\d{2}))?|(\d{2})(\d{2})?)?$/
const offsetSecondsMax = 18 * 3600

/** Seconds east of Greenwich; undefined for what is no offset. */
function zoneOffset(text: string): number | undefined {
  const zone = text.trim()
  if (zone === 'Z' || zone === 'UTC' || zone === 'GMT' || zone === 'UT') return 0
  const match = offsetPattern.exec(zone)
  if (match === null) return undefined
  const [, sign, hours, colonMinutes, colonSeconds, plainMinutes, plainSeconds] = match
  const minutes = Number(colonMinutes ?? plainMinutes ?? 0)
  const seconds = Number(colonSeconds ?? plainSeconds ?? 0)
  if (minutes > 59 || seconds > 59) return undefined
  const offset = Number(hours) * 3600 + minutes * 60 + seconds
  if (offset > offsetSecondsMax) return undefined
  return sign === '-' ? -offset : offset
}
