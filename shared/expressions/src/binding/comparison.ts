import type { ComparisonOperator } from '../syntax/expression.ts'
import { commonType, commonTypeOf, promotedText } from '../types/common-type.ts'
import { decimalForLiteral } from '../types/decimal-types.ts'
import { isDecimal, isIntegral, shapeOf, typeText, type SqlType } from '../types/sql-type.ts'
import { isLong } from '../values/calendar.ts'
import { comparatorOf, type Compare } from '../values/compare.ts'
import type { SqlValue } from '../values/sql-value.ts'
import type { BindingScope } from './binding-scope.ts'
import type { Operand } from './bound.ts'
import { conjunction, not } from './logic.ts'

export function compare(
  scope: BindingScope,
  operator: ComparisonOperator,
  first: Operand,
  second: Operand,
  at: number,
): Operand {
  const beyond = beyondLong(operator, first, second)
  if (beyond !== undefined) return { at, type: 'boolean', run: () => beyond, isConstant: true }
  const { left, right, order } = comparable(scope, first, second, at)
  if (operator === '<=>')
    return scope.fold(at, 'boolean', [left, right], (row, context) => {
      const value = left.run(row, context)
      const other = right.run(row, context)
      return value === null || other === null ? value === other : order(value, other) === 0
    })
  const holds = tests[operator]
  return scope.strict(at, 'boolean', [left, right], (value, other) => holds(order(value, other)))
}

/** TRUE if one equals, else NULL if any is or the operand is, else FALSE. */
export function isIn(
  scope: BindingScope,
  operand: Operand,
  items: readonly Operand[],
  isNegated: boolean,
  at: number,
): Operand {
  const type = commonTypeOf([operand, ...items].map((each) => each.type))
  const order = type === undefined ? undefined : comparatorOf(type)
  if (type === undefined || order === undefined)
    throw scope.unsupported(
      `IN of ${typeText(operand.type)} and ${items.map((each) => typeText(each.type)).join(', ')}`,
      at,
    )
  const [value, ...candidates] = scope.castAll([operand, ...items], type) as [Operand, ...Operand[]]
  const found = scope.fold(at, 'boolean', [value, ...candidates], (row, context) => {
    const wanted = value.run(row, context)
    if (wanted === null) return null
    let isUnknown = false
    for (const candidate of candidates) {
      const each = candidate.run(row, context)
      if (each === null) isUnknown = true
      else if (order(wanted, each) === 0) return true
    }
    return isUnknown ? null : false
  })
  return isNegated ? not(scope, found, at) : found
}

export function between(
  scope: BindingScope,
  operand: Operand,
  low: Operand,
  high: Operand,
  isNegated: boolean,
  at: number,
): Operand {
  const both = [compare(scope, '>=', operand, low, at), compare(scope, '<=', operand, high, at)]
  const within = conjunction(scope, both, at)
  return isNegated ? not(scope, within, at) : within
}

const tests: Readonly<Record<Exclude<ComparisonOperator, '<=>'>, (order: number) => boolean>> = {
  '=': (order) => order === 0,
  '<>': (order) => order !== 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
}

function comparable(
  scope: BindingScope,
  first: Operand,
  second: Operand,
  at: number,
): { left: Operand; right: Operand; order: Compare } {
  const [a, b] = withLiteralDigits(scope, first, second)
  const type = promotedText(a.type, b.type) ?? commonType(a.type, b.type)
  const order = type === undefined ? undefined : comparatorOf(type)
  if (type === undefined || order === undefined)
    throw scope.unsupported(`a comparison of ${typeText(first.type)} with ${typeText(second.type)}`, at)
  const [left, right] = scope.castAll([a, b], type) as [Operand, Operand]
  return { left, right, order }
}

/** A whole literal beside a decimal is a decimal of its own digits. */
export function withLiteralDigits(scope: BindingScope, left: Operand, right: Operand): [Operand, Operand] {
  return [digitsOf(scope, left, right.type), digitsOf(scope, right, left.type)]
}

function digitsOf(scope: BindingScope, operand: Operand, other: SqlType): Operand {
  const { literal, type } = operand
  if (!isIntegral(type) || !isDecimal(other) || literal === undefined || literal === null) return operand
  return scope.cast(operand, decimalForLiteral(literal as number | bigint))
}

/** Spark decides a comparison of a whole number with a decimal literal beyond all longs at once, for NULL as well. */
function beyondLong(operator: ComparisonOperator, left: Operand, right: Operand): boolean | undefined {
  if (operator !== '<' && operator !== '<=' && operator !== '>' && operator !== '>=') return undefined
  const isLess = operator === '<' || operator === '<='
  const rightSide = isIntegral(left.type) ? sideOf(right) : 0
  if (rightSide !== 0) return isLess === rightSide > 0
  const leftSide = isIntegral(right.type) ? sideOf(left) : 0
  return leftSide === 0 ? undefined : isLess === leftSide < 0
}

/** 1 above all longs, -1 below, 0 among them or no decimal literal. */
function sideOf({ type, literal }: { type: SqlType; literal?: SqlValue }): number {
  const shape = shapeOf(type)
  if (shape === undefined || typeof literal !== 'bigint') return 0
  const whole = literal / 10n ** BigInt(shape.scale)
  const isExact = whole * 10n ** BigInt(shape.scale) === literal
  if (isLong(whole) && (isExact || isLong(literal > 0n ? whole + 1n : whole - 1n))) return 0
  return literal > 0n ? 1 : -1
}
