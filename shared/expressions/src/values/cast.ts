import type { DataType } from '@silt/core'
import {
  isFloating,
  isIntegral,
  isSameType,
  shapeOf,
  typeText,
  type DecimalShape,
  type SqlType,
} from '../types/sql-type.ts'
import { daysOfMicros, floorDivide, isLong, microsPerDay, microsPerSecond } from './calendar.ts'
import { dateText, parseDate } from './date-text.ts'
import { atDigits, decimalOfDouble, decimalText, fitDecimal, parseDecimal } from './decimal.ts'
import { doubleText, floatText, parseFloating, parseWhole } from './number-text.ts'
import { failure, type SqlValue } from './sql-value.ts'
import { trimSpace } from './text.ts'
import { parseTimestamp, timestampText } from './timestamp-text.ts'

export type Convert = (value: NonNullable<SqlValue>) => SqlValue

/**
 * How Spark (ANSI, session time zone UTC) casts values of one type to another; undefined where it refuses to, or Silt does. What cannot be cast throws
 * `expressions/failed` (data).
 */
export function castBetween(from: SqlType, to: DataType): Convert | undefined {
  if (isSameType(from, to)) return (value) => value
  if (from === 'void') return () => null
  const decimal = shapeOf(to)
  if (decimal !== undefined) return toDecimal(from, decimal, typeText(to))
  switch (to) {
    case 'string':
      return toText(from)
    case 'boolean':
      return toBoolean(from)
    case 'byte':
    case 'short':
    case 'integer':
    case 'long':
      return toWhole(from, to)
    case 'float':
    case 'double':
      return toFloating(from, to)
    case 'date':
      if (from === 'string') return (value) => parseDate(value as string) ?? unfit(value, from, to)
      return from === 'timestamp' || from === 'timestamp_ntz' ? (value) => daysOfMicros(value as bigint) : undefined
    case 'timestamp':
    case 'timestamp_ntz':
      return toTimestamp(from, to)
    case 'binary':
      return from === 'string' ? (value) => new TextEncoder().encode(value as string) : undefined
    default:
      return undefined
  }
}

const wholeBits = { byte: 8, short: 16, integer: 32, long: 64 } as const

type Whole = keyof typeof wholeBits

/** The value of a whole type as it is carried, number or bigint; throws where it is beyond the type. */
export function fitWhole(value: bigint, to: Whole): number | bigint {
  if (BigInt.asIntN(wholeBits[to], value) !== value) throw failure(`${value} is beyond ${typeText(to)}`)
  return to === 'long' ? value : Number(value)
}

function toWhole(from: SqlType, to: Whole): Convert | undefined {
  const fit = (value: bigint): number | bigint => fitWhole(value, to)
  if (isIntegral(from)) return (value) => fit(BigInt(value as number | bigint))
  if (isFloating(from)) return (value) => truncate(value as number, to)
  const decimal = shapeOf(from)
  if (decimal !== undefined) return (value) => fit((value as bigint) / 10n ** BigInt(decimal.scale))
  switch (from) {
    case 'boolean':
      return (value) => fit(value === true ? 1n : 0n)
    case 'string':
      return (value) => {
        const whole = parseWhole(value as string)
        return whole === undefined || BigInt.asIntN(wholeBits[to], whole) !== whole
          ? unfit(value, from, to)
          : fit(whole)
      }
    case 'timestamp':
      return (value) => fit(floorDivide(value as bigint, microsPerSecond))
    default:
      return undefined
  }
}

/** Towards zero. Doubles at the very edge of a long are its greatest value, as in Java. */
function truncate(value: number, to: Whole): number | bigint {
  const max = 2 ** (wholeBits[to] - 1)
  const isFit = to === 'long' ? value >= -max && value <= max : Math.floor(value) < max && Math.ceil(value) >= -max
  if (!isFit) throw failure(`${value} is beyond ${typeText(to)}`)
  // Zero has no sign here.
  if (to !== 'long') return Math.trunc(value) + 0
  return value >= max ? 2n ** 63n - 1n : BigInt(Math.trunc(value))
}

function toFloating(from: SqlType, to: 'float' | 'double'): Convert | undefined {
  const round = to === 'float' ? Math.fround : (value: number): number => value
  if (isIntegral(from) || isFloating(from)) return (value) => round(Number(value))
  const decimal = shapeOf(from)
  if (decimal !== undefined) return (value) => round(Number(decimalText(value as bigint, decimal.scale)))
  switch (from) {
    case 'boolean':
      return (value) => (value === true ? 1 : 0)
    case 'string':
      return (value) => {
        const parsed = parseFloating(value as string)
        return parsed === undefined ? unfit(value, from, to) : round(parsed)
      }
    case 'timestamp':
      return (value) => round(Number(value) / 1e6)
    default:
      return undefined
  }
}

function toDecimal(from: SqlType, to: DecimalShape, name: string): Convert | undefined {
  const fit = (unscaled: bigint, scale: number): bigint => {
    const fitted = fitDecimal({ unscaled, scale }, to)
    if (fitted === undefined) throw failure(`${decimalText(unscaled, Math.max(0, scale))} is beyond ${name}`)
    return fitted
  }
  if (isIntegral(from)) return (value) => fit(BigInt(value as number | bigint), 0)
  if (isFloating(from))
    return (value) => {
      const decimal = decimalOfDouble(value as number)
      return decimal === undefined ? null : fit(decimal.unscaled, decimal.scale)
    }
  const decimal = shapeOf(from)
  if (decimal !== undefined) return (value) => fit(value as bigint, decimal.scale)
  switch (from) {
    case 'boolean':
      return (value) => fit(value === true ? 1n : 0n, 0)
    case 'string':
      return (value) => {
        const parsed = parseDecimal(trimSpace(value as string))
        return parsed === undefined ? unfit(value, from, name) : fit(parsed.unscaled, parsed.scale)
      }
    case 'timestamp':
      return (value) => fit(value as bigint, 6)
    default:
      return undefined
  }
}

const truths: ReadonlyMap<string, boolean> = new Map([
  ...['t', 'true', 'y', 'yes', '1'].map((text) => [text, true] as const),
  ...['f', 'false', 'n', 'no', '0'].map((text) => [text, false] as const),
])

function toBoolean(from: SqlType): Convert | undefined {
  if (isIntegral(from) || isFloating(from) || shapeOf(from) !== undefined)
    // NaN is not zero.
    return (value) => value !== 0 && value !== 0n
  if (from === 'string')
    return (value) => truths.get(trimSpace(value as string).toLowerCase()) ?? unfit(value, from, 'boolean')
  return undefined
}

function toText(from: SqlType): Convert | undefined {
  if (isIntegral(from) || from === 'boolean') return (value) => String(value)
  const decimal = shapeOf(from)
  if (decimal !== undefined) return (value) => decimalText(value as bigint, decimal.scale)
  switch (from) {
    case 'float':
      return (value) => floatText(value as number)
    case 'double':
      return (value) => doubleText(value as number)
    case 'date':
      return (value) => dateText(value as number)
    case 'timestamp':
    case 'timestamp_ntz':
      return (value) => timestampText(value as bigint)
    default:
      return undefined
  }
}

function toTimestamp(from: SqlType, to: 'timestamp' | 'timestamp_ntz'): Convert | undefined {
  if (from === 'string')
    return (value) => {
      const parsed = parseTimestamp(value as string)
      if (parsed === undefined) return unfit(value, from, to)
      return to === 'timestamp' ? parsed.micros : parsed.localMicros
    }
  if (from === 'date') return (value) => BigInt(value as number) * microsPerDay
  if (from === 'timestamp' || from === 'timestamp_ntz') return (value) => value
  if (to === 'timestamp_ntz') return undefined
  if (isIntegral(from)) return (value) => saturate(BigInt(value as number | bigint) * microsPerSecond)
  if (isFloating(from)) return (value) => doubleToMicros(value as number)
  const decimal = shapeOf(from)
  if (decimal === undefined) return undefined
  // At 34 digits, and what is beyond cut to 64 bits, as Spark does.
  return (value) => BigInt.asIntN(64, atDigits((value as bigint) * microsPerSecond, 34) / 10n ** BigInt(decimal.scale))
}

function doubleToMicros(seconds: number): bigint {
  const micros = Math.trunc(seconds * 1e6)
  if (!(micros >= -(2 ** 63) && micros < 2 ** 63)) throw failure(`${seconds} seconds are no timestamp`)
  return BigInt(micros)
}

function saturate(micros: bigint): bigint {
  if (isLong(micros)) return micros
  return micros < 0n ? -(2n ** 63n) : 2n ** 63n - 1n
}

const excerptChars = 64

function unfit(value: SqlValue, from: SqlType, to: string): never {
  const excerpt = JSON.stringify(String(value).slice(0, excerptChars).toWellFormed())
  throw failure(`${excerpt} (${typeText(from)}) cannot be cast to ${to.toUpperCase()}`)
}
