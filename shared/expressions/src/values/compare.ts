import type { SqlType } from '../types/sql-type.ts'
import { compareText } from './text.ts'
import type { SqlValue } from './sql-value.ts'

export type Compare = (left: NonNullable<SqlValue>, right: NonNullable<SqlValue>) => number

/** Spark's order of one type's values; undefined where it has none here (structs, arrays, maps). NaN equals itself and is the greatest; -0 equals 0. */
export function comparatorOf(type: SqlType): Compare | undefined {
  switch (type) {
    case 'string':
      return (left, right) => compareText(left as string, right as string)
    case 'float':
    case 'double':
      return (left, right) => compareDoubles(left as number, right as number)
    case 'binary':
      return (left, right) => compareBytes(left as Uint8Array, right as Uint8Array)
    default:
      // Numbers, bigints and booleans of one type.
      return typeof type === 'string' ? (left, right) => (left < right ? -1 : left > right ? 1 : 0) : undefined
  }
}

function compareDoubles(left: number, right: number): number {
  if (left < right) return -1
  if (left > right) return 1
  if (left === right) return 0
  return Number(Number.isNaN(left)) - Number(Number.isNaN(right))
}

function compareBytes(left: Uint8Array, right: Uint8Array): number {
  const length = Math.min(left.length, right.length)
  for (let index = 0; index < length; index++) if (left[index] !== right[index]) return left[index]! - right[index]!
  return left.length - right.length
}
