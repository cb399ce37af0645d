import { daysOf, daysOfMicros, dayOf, floorDivide, microsOfDay, microsPerDay } from '../values/calendar.ts'
import { two, yearText } from '../values/date-text.ts'
import { failure, type SqlValue } from '../values/sql-value.ts'
import { isLong } from '../values/calendar.ts'
import { constantText, requireCount, type FunctionRule } from './function-rule.ts'

/** trunc(date, unit): the first day of the unit; an unknown unit gives NULL, as in Spark. */
const truncDate: FunctionRule = (scope, operands, site) => {
  requireCount(scope, operands, site, 2)
  const unit = constantText(scope, operands[1]!, 'a unit')
  const date = scope.coerce(operands[0]!, 'date', 'function trunc')
  const start = dayUnits.get(unit.toUpperCase())
  return scope.strict(site.at, 'date', [date], (days) => start?.(days as number) ?? null)
}

/** date_trunc(unit, timestamp). */
const truncTimestamp: FunctionRule = (scope, operands, site) => {
  requireCount(scope, operands, site, 2)
  const unit = constantText(scope, operands[0]!, 'a unit').toUpperCase()
  const given = operands[1]!
  // What has no zone is taken for UTC, and stays without one only where Spark leaves it so.
  const operand = scope.coerce(given, 'timestamp', 'function date_trunc')
  const [days, micros] = [
    unit === 'DAY' || unit === 'DD' ? (day: number): number => day : dayUnits.get(unit),
    timeUnits.get(unit),
  ]
  return scope.strict(site.at, 'timestamp', [operand], (value) => {
    const instant = value as bigint
    if (days !== undefined) return fit(BigInt(days(daysOfMicros(instant))) * microsPerDay)
    return micros === undefined ? null : fit(floorDivide(instant, micros) * micros)
  })
}

function fit(micros: bigint): SqlValue {
  if (!isLong(micros)) throw failure('a timestamp out of range')
  return micros
}

const firstOf = (year: number, month: number): number => daysOf({ year, month, day: 1 })!

const year = (days: number): number => firstOf(dayOf(days).year, 1)
const quarter = (days: number): number => {
  const day = dayOf(days)
  return firstOf(day.year, day.month - ((day.month - 1) % 3))
}
const month = (days: number): number => firstOf(dayOf(days).year, dayOf(days).month)
/** Monday. */
const week = (days: number): number => days - ((((days + 3) % 7) + 7) % 7)

const dayUnits: ReadonlyMap<string, (days: number) => number> = new Map([
  ...['YEAR', 'YYYY', 'YY'].map((name) => [name, year] as const),
  ['QUARTER', quarter] as const,
  ...['MONTH', 'MM', 'MON'].map((name) => [name, month] as const),
  ['WEEK', week] as const,
])

const timeUnits: ReadonlyMap<string, bigint> = new Map([
  ['HOUR', 3_600_000_000n],
  ['MINUTE', 60_000_000n],
  ['SECOND', 1_000_000n],
  ['MILLISECOND', 1000n],
  ['MICROSECOND', 1n],
])

/** date_format(timestamp, pattern), the pattern a constant of yyyy, MM, M, dd, d, HH, H, mm, ss, S…, what stands in quotes and punctuation. */
const dateFormat: FunctionRule = (scope, operands, site) => {
  requireCount(scope, operands, site, 2)
  const pattern = constantText(scope, operands[1]!, 'a pattern')
  const parts = patternParts(pattern)
  if (parts === undefined) throw scope.unsupported(`the pattern ${JSON.stringify(pattern)}`, operands[1]!.at)
  const operand = scope.coerce(operands[0]!, 'timestamp', 'function date_format')
  return scope.strict(site.at, 'string', [operand], (micros) => format(micros as bigint, parts))
}

/** from_unixtime(seconds) and from_unixtime(seconds, pattern). */
const fromUnixTime: FunctionRule = (scope, operands, site) => {
  requireCount(scope, operands, site, 1, 2)
  const pattern = operands[1] === undefined ? 'yyyy-MM-dd HH:mm:ss' : constantText(scope, operands[1], 'a pattern')
  const parts = patternParts(pattern)
  if (parts === undefined) throw scope.unsupported(`the pattern ${JSON.stringify(pattern)}`, operands[1]!.at)
  const seconds = scope.coerce(operands[0]!, 'long', 'function from_unixtime')
  return scope.strict(site.at, 'string', [seconds], (value) => {
    // Seconds beyond are cut to 64 bits, as Spark does.
    return format(BigInt.asIntN(64, (value as bigint) * 1_000_000n), parts)
  })
}

interface Moment {
  readonly year: number
  readonly month: number
  readonly day: number
  readonly hour: bigint
  readonly minute: bigint
  readonly second: bigint
  readonly micros: bigint
}

type PatternPart = (moment: Moment) => string

const fields: Readonly<Record<string, PatternPart>> = {
  yyyy: ({ year: value }) => yearText(value),
  MM: ({ month: value }) => two(value),
  M: ({ month: value }) => String(value),
  dd: ({ day }) => two(day),
  d: ({ day }) => String(day),
  HH: ({ hour }) => two(hour),
  H: ({ hour }) => String(hour),
  mm: ({ minute }) => two(minute),
  m: ({ minute }) => String(minute),
  ss: ({ second }) => two(second),
  s: ({ second }) => String(second),
}

const patternToken = /'((?:[^']|'')*)'|([A-Za-z])\2*|[^A-Za-z'[\]{}#]/gy

function patternParts(pattern: string): readonly PatternPart[] | undefined {
  const parts: PatternPart[] = []
  let end = 0
  for (const match of pattern.matchAll(patternToken)) {
    end = match.index + match[0].length
    const [text, quoted, letter] = match
    if (quoted !== undefined) {
      const plain = quoted === '' ? "'" : quoted.replaceAll("''", "'")
      parts.push(() => plain)
    } else if (letter === undefined) parts.push(() => text)
    else if (letter === 'S' && text.length <= 9)
      parts.push(({ micros }) => `${micros.toString().padStart(6, '0')}000`.slice(0, text.length))
    else if (Object.hasOwn(fields, text)) parts.push(fields[text]!)
    else return undefined
  }
  return end === pattern.length ? parts : undefined
}

/** Years Java's formatter writes by other rules. */
const [yearMin, yearMax] = [1, 9999]

function format(micros: bigint, parts: readonly PatternPart[]): string {
  const day = dayOf(daysOfMicros(micros))
  if (day.year < yearMin || day.year > yearMax) throw failure(`no text of a time in year ${day.year}`)
  const rest = microsOfDay(micros)
  const moment = {
    ...day,
    hour: rest / 3_600_000_000n,
    minute: (rest / 60_000_000n) % 60n,
    second: (rest / 1_000_000n) % 60n,
    micros: rest % 1_000_000n,
  }
  return parts.map((part) => part(moment)).join('')
}

export const formatFunctions: readonly (readonly [string, FunctionRule])[] = [
  ['trunc', truncDate],
  ['date_trunc', truncTimestamp],
  ['date_format', dateFormat],
  ['from_unixtime', fromUnixTime],
]
