import { decimalFor, widerDecimal } from './decimal-types.ts'
import {
  decimalType,
  isAtomic,
  isDatetime,
  isDecimal,
  isFloating,
  isIntegral,
  isNumeric,
  isSameType,
  shapeOf,
  type SqlType,
} from './sql-type.ts'

/** Type precedence of Spark's ANSI mode (AnsiTypeCoercion). Undefined: the types have nothing in common. */

const precedence = ['byte', 'short', 'integer', 'long', 'float', 'double'] as const

/** The narrowest type that both are without loss; texts are no numbers here. */
export function tightestType(left: SqlType, right: SqlType): SqlType | undefined {
  if (isSameType(left, right)) return left
  if (left === 'void') return right
  if (right === 'void') return left
  if (isDatetime(left) && isDatetime(right)) {
    return left === 'timestamp' || right === 'timestamp' ? 'timestamp' : 'timestamp_ntz'
  }
  if (isDecimal(left) !== isDecimal(right)) {
    const [decimal, other] = isDecimal(left) ? [left, right] : [right, left]
    return isIntegral(other) && isWider(decimal, other) ? decimal : undefined
  }
  if (!isNumeric(left) || !isNumeric(right) || isDecimal(left)) return undefined
  const wider = [...precedence].reverse().find((each) => each === left || each === right)
  // A float would not hold a whole number of the same width.
  return wider === 'float' ? 'double' : wider
}

/** What values of both types become side by side: in CASE, COALESCE, IN, comparisons. */
export function commonType(left: SqlType, right: SqlType): SqlType | undefined {
  return tightestType(left, right) ?? decimalCommonType(left, right) ?? promotedText(left, right)
}

/** As `commonType`, but texts stay apart from all else: in GREATEST and LEAST. */
export function commonTypeWithoutText(left: SqlType, right: SqlType): SqlType | undefined {
  return tightestType(left, right) ?? decimalCommonType(left, right)
}

export function commonTypeOf(types: readonly SqlType[]): SqlType | undefined {
  return types.reduce<SqlType | undefined>(
    (found, type) => (found === undefined ? undefined : commonType(found, type)),
    'void',
  )
}

/** What a text beside a value of another type is read as; undefined where neither is a text, or both are. */
export function promotedText(left: SqlType, right: SqlType): SqlType | undefined {
  if ((left === 'string') === (right === 'string')) return undefined
  const other = left === 'string' ? right : left
  if (isIntegral(other)) return 'long'
  if (isFloating(other) || isDecimal(other)) return 'double'
  return isAtomic(other) ? other : undefined
}

function decimalCommonType(left: SqlType, right: SqlType): SqlType | undefined {
  if (!isDecimal(left) && !isDecimal(right)) return undefined
  if (isFloating(left) || isFloating(right)) return 'double'
  const [a, b] = [decimalFor(left), decimalFor(right)]
  return a === undefined || b === undefined ? undefined : decimalType(widerDecimal(a, b))
}

function isWider(decimal: SqlType, whole: SqlType): boolean {
  const [a, b] = [shapeOf(decimal)!, decimalFor(whole)!]
  return a.precision - a.scale >= b.precision && a.scale >= b.scale
}
