import type { DataType } from '@silt/core'
import {
  addMonths,
  dayOf,
  daysInMonth,
  daysOf,
  daysOfMicros,
  floorDivide,
  isLong,
  microsOfDay,
} from '../values/calendar.ts'
import { fitWhole } from '../values/cast.ts'
import { failure, type SqlValue } from '../values/sql-value.ts'
import { requireCount, strictFunction, type FunctionRule } from './function-rule.ts'
import { typeText } from '../types/sql-type.ts'

/** A part of a date; timestamps and texts are made dates first, in UTC. */
const ofDate = (part: (days: number) => number): FunctionRule =>
  strictFunction(['date'], 'integer', (days) => part(days as number))

/** A part of a time of day; of a date it is 0. */
const ofTime =
  (microsPerUnit: bigint, modulus: bigint): FunctionRule =>
  (scope, operands, site) => {
    requireCount(scope, operands, site, 1)
    const given = operands[0]!
    const operand = given.type === 'timestamp_ntz' ? given : scope.coerce(given, 'timestamp', `function ${site.name}`)
    return scope.strict(site.at, 'integer', [operand], (micros) =>
      Number((microsOfDay(micros as bigint) / microsPerUnit) % modulus),
    )
  }

const dayOfYear = (days: number): number => days - daysOf({ year: dayOf(days).year, month: 1, day: 1 })! + 1
/** From Monday, 0, on: 1970-01-01 was a Thursday. */
const weekday = (days: number): number => (((days + 3) % 7) + 7) % 7

const addDays = (sign: 1n | -1n): FunctionRule =>
  refusing(
    'long',
    1,
    strictFunction(['date', 'integer'], 'date', (days, count) =>
      fitWhole(BigInt(days as number) + sign * BigInt(count as number), 'integer'),
    ),
  )

/** Spark makes no other type of this one there. */
function refusing(type: DataType, index: number, rule: FunctionRule): FunctionRule {
  return (scope, operands, site) => {
    if (operands[index]?.type === type) throw scope.unsupported(`function ${site.name} of ${typeText(type)}`, site.at)
    return rule(scope, operands, site)
  }
}

const lastDay = (days: number): number => {
  const { year, month } = dayOf(days)
  return daysOf({ year, month, day: daysInMonth(year, month) })!
}

const castTo =
  (type: DataType): FunctionRule =>
  (scope, operands, site) => {
    requireCount(scope, operands, site, 1)
    return { ...scope.cast(operands[0]!, type), at: site.at }
  }

/** Seconds since the epoch, cut towards it. */
const unixSeconds: FunctionRule = (scope, operands, site) => {
  requireCount(scope, operands, site, 1)
  const given = operands[0]!
  if (given.type !== 'timestamp' && given.type !== 'date' && given.type !== 'timestamp_ntz')
    throw scope.unsupported(`function ${site.name} of ${typeText(given.type)}`, site.at)
  const operand = scope.cast(given, 'timestamp')
  return scope.strict(site.at, 'long', [operand], (micros) => (micros as bigint) / 1_000_000n)
}

const ofEpoch = (microsPerUnit: bigint): FunctionRule =>
  refusing(
    'timestamp_ntz',
    0,
    strictFunction(['timestamp'], 'long', (micros) => floorDivide(micros as bigint, microsPerUnit)),
  )

const fromEpoch = (microsPerUnit: bigint): FunctionRule =>
  strictFunction(['long'], 'timestamp', (count) => {
    const micros = (count as bigint) * microsPerUnit
    if (!isLong(micros)) throw failure('a timestamp out of range')
    return micros
  })

const makeDate = strictFunction(['integer', 'integer', 'integer'], 'date', (year, month, day): SqlValue => {
  const days = daysOf({ year: year as number, month: month as number, day: day as number })
  if (days === undefined || Math.abs(year as number) > 9_999_999)
    throw failure(`no day ${year as number}-${month as number}-${day as number}`)
  return days
})

const now =
  (type: 'timestamp' | 'date'): FunctionRule =>
  (scope, operands, site) => {
    requireCount(scope, operands, site, 0)
    if (scope.purpose !== 'default')
      throw scope.unsupported(
        `function ${site.name} but in a default: its value differs from one check of a row to the next`,
        site.at,
      )
    return {
      at: site.at,
      type,
      isConstant: false,
      run: (_, { nowMicros }) => (type === 'timestamp' ? nowMicros : daysOfMicros(nowMicros)),
    }
  }

export const dateFunctions: readonly (readonly [string, FunctionRule])[] = [
  ['year', ofDate((days) => dayOf(days).year)],
  ['quarter', ofDate((days) => Math.ceil(dayOf(days).month / 3))],
  ['month', ofDate((days) => dayOf(days).month)],
  ['day', ofDate((days) => dayOf(days).day)],
  ['dayofmonth', ofDate((days) => dayOf(days).day)],
  ['dayofyear', ofDate(dayOfYear)],
  // Sunday is 1.
  ['dayofweek', ofDate((days) => ((weekday(days) + 1) % 7) + 1)],
  ['weekday', ofDate(weekday)],
  ['hour', ofTime(3_600_000_000n, 24n)],
  ['minute', ofTime(60_000_000n, 60n)],
  ['second', ofTime(1_000_000n, 60n)],
  ['date', castTo('date')],
  ['to_date', castTo('date')],
  ['timestamp', castTo('timestamp')],
  ['to_timestamp', castTo('timestamp')],
  ['date_add', addDays(1n)],
  ['dateadd', addDays(1n)],
  ['date_sub', addDays(-1n)],
  [
    'datediff',
    strictFunction(['date', 'date'], 'integer', (end, start) =>
      fitWhole(BigInt((end as number) - (start as number)), 'integer'),
    ),
  ],
  [
    'date_diff',
    strictFunction(['date', 'date'], 'integer', (end, start) =>
      fitWhole(BigInt((end as number) - (start as number)), 'integer'),
    ),
  ],
  [
    'add_months',
    strictFunction(['date', 'integer'], 'date', (days, months) => fitDays(days as number, months as number)),
  ],
  ['last_day', strictFunction(['date'], 'date', (days) => lastDay(days as number))],
  ['make_date', makeDate],
  ['unix_timestamp', unixSeconds],
  ['to_unix_timestamp', unixSeconds],
  ['unix_seconds', ofEpoch(1_000_000n)],
  ['unix_millis', ofEpoch(1000n)],
  ['unix_micros', ofEpoch(1n)],
  ['unix_date', strictFunction(['date'], 'integer', (days) => days as number)],
  ['date_from_unix_date', strictFunction(['integer'], 'date', (days) => days as number)],
  ['timestamp_millis', fromEpoch(1000n)],
  ['timestamp_micros', fromEpoch(1n)],
  ['timestamp_seconds', fromEpoch(1_000_000n)],
  ['current_timestamp', now('timestamp')],
  ['now', now('timestamp')],
  ['current_date', now('date')],
  ['curdate', now('date')],
]

/** Days of a year any text of a date may have; beyond it no month is counted. */
const monthsMax = 12 * 9_999_999

function fitDays(days: number, months: number): SqlValue {
  if (Math.abs(months) > monthsMax) throw failure(`${months} months are too many`)
  return fitWhole(BigInt(addMonths(days, months)), 'integer')
}
