import type { ArithmeticOperator, Expression } from '../syntax/expression.ts'
import { promotedText, tightestType } from '../types/common-type.ts'
import { decimalFor, decimalResult } from '../types/decimal-types.ts'
import {
  decimalType,
  isDecimal,
  isFloating,
  isIntegral,
  isNumeric,
  shapeOf,
  typeText,
  type SqlType,
} from '../types/sql-type.ts'
import { addMonths, daysOfMicros, isLong, microsOfDay, microsPerDay } from '../values/calendar.ts'
import { fitWhole } from '../values/cast.ts'
import { decimalText, divideHalfUp, fitDecimal } from '../values/decimal.ts'
import { failure, type SqlValue } from '../values/sql-value.ts'
import type { BindingScope } from './binding-scope.ts'
import type { Operand } from './bound.ts'
import { withLiteralDigits } from './comparison.ts'

/** `+ - * / % DIV` by Spark's ANSI rules: what does not fit, and a division by zero, fails. */
export function arithmetic(
  scope: BindingScope,
  operator: ArithmeticOperator,
  first: Operand,
  second: Operand,
  at: number,
): Operand {
  const days = dayArithmetic(scope, operator, first, second, at)
  if (days !== undefined) return days
  const [left, right] = numbers(scope, operator, first, second, at)
  if (operator === '/' && !(isDecimal(left.type) || isDecimal(right.type)))
    return ofDoubles(scope, '/', scope.cast(left, 'double'), scope.cast(right, 'double'), at)
  if (operator === 'DIV') return ofWholes(scope, 'DIV', scope.cast(left, 'long'), scope.cast(right, 'long'), at)
  const [a, b] = withLiteralDigits(scope, left, right)
  if ((isDecimal(a.type) || isDecimal(b.type)) && !isFloating(a.type) && !isFloating(b.type))
    return ofDecimals(scope, operator, a, b, at)
  const type = isDecimal(left.type) || isDecimal(right.type) ? 'double' : tightestType(left.type, right.type)
  if (type === undefined || type === 'void') throw mismatch(scope, operator, first, second, at)
  if (typeof type !== 'string') throw mismatch(scope, operator, first, second, at)
  const [x, y] = [scope.cast(left, type), scope.cast(right, type)]
  return isIntegral(type) && operator !== '/'
    ? ofWholes(scope, operator, x, y, at)
    : ofDoubles(scope, operator, x, y, at)
}

export function negate(scope: BindingScope, given: Operand, at: number): Operand {
  const operand = given.type === 'string' || given.type === 'void' ? scope.cast(given, 'double') : given
  const { type } = operand
  if (isIntegral(type))
    return scope.strict(at, type, [operand], (value) => fitWhole(-BigInt(value as number | bigint), type))
  if (isFloating(type)) return scope.strict(at, type, [operand], (value) => -(value as number))
  if (isDecimal(type)) return scope.strict(at, type, [operand], (value) => -(value as bigint))
  throw scope.unsupported(`the negative of ${typeText(type)}`, at)
}

/** `||` and concat. */
export function concatenate(scope: BindingScope, operands: readonly Operand[], at: number): Operand {
  const texts = operands.map((each) => scope.coerce(each, 'string', 'concatenation'))
  // Spark evaluates all of them: one that fails does so beside a NULL as well.
  return scope.fold(at, 'string', texts, (row, context) => {
    const values = texts.map((each) => each.run(row, context))
    return values.includes(null) ? null : values.join('')
  })
}

/** A date or timestamp and an interval. */
export function shift(
  scope: BindingScope,
  operand: Operand,
  { count, unit, at: intervalAt }: Extract<Expression, { kind: 'interval' }>,
  sign: 1 | -1,
  at: number,
): Operand {
  const { type } = operand
  if (type !== 'date' && type !== 'timestamp' && type !== 'timestamp_ntz')
    throw scope.unsupported(`an interval beside ${typeText(type)}`, at)
  const amount = count * sign
  if (unit === 'YEAR' || unit === 'MONTH') {
    const months = unit === 'YEAR' ? amount * 12 : amount
    if (Math.abs(months) > monthsMax) throw scope.unsupported('an interval of so many months', intervalAt)
    if (type === 'date') return scope.strict(at, type, [operand], (days) => addMonths(days as number, months))
    return scope.strict(at, type, [operand], (micros) =>
      fitMicros(
        BigInt(addMonths(daysOfMicros(micros as bigint), months)) * microsPerDay + microsOfDay(micros as bigint),
      ),
    )
  }
  const micros = BigInt(amount) * microsOfUnit[unit]
  if (type !== 'date') return scope.strict(at, type, [operand], (value) => fitMicros((value as bigint) + micros))
  if (unit !== 'DAY' && unit !== 'WEEK') throw scope.unsupported(`an interval in ${unit} beside a date`, intervalAt)
  return scope.strict(at, type, [operand], (days) =>
    fitWhole(BigInt(days as number) + micros / microsPerDay, 'integer'),
  )
}

const monthsMax = 120_000

const microsOfUnit = {
  WEEK: 7n * microsPerDay,
  DAY: microsPerDay,
  HOUR: 3_600_000_000n,
  MINUTE: 60_000_000n,
  SECOND: 1_000_000n,
  MILLISECOND: 1000n,
  MICROSECOND: 1n,
} as const

function fitMicros(micros: bigint): bigint {
  if (!isLong(micros)) throw failure('a timestamp out of range')
  return micros
}

/** A date and a count of days. */
function dayArithmetic(
  scope: BindingScope,
  operator: ArithmeticOperator,
  left: Operand,
  right: Operand,
  at: number,
): Operand | undefined {
  const isCount = (type: SqlType): boolean => type === 'byte' || type === 'short' || type === 'integer'
  const add = (date: Operand, count: Operand, sign: bigint): Operand =>
    scope.strict(at, 'date', [date, count], (days, by) =>
      fitWhole(BigInt(days as number) + sign * BigInt(by as number), 'integer'),
    )
  if (left.type === 'date' && isCount(right.type) && (operator === '+' || operator === '-'))
    return add(left, right, operator === '+' ? 1n : -1n)
  if (right.type === 'date' && isCount(left.type) && operator === '+') return add(right, left, 1n)
  return undefined
}

/** Texts are read as the number beside them asks; a bare NULL is of the other's type. */
function numbers(
  scope: BindingScope,
  operator: ArithmeticOperator,
  left: Operand,
  right: Operand,
  at: number,
): [Operand, Operand] {
  const promoted = promotedText(left.type, right.type)
  const [a, b] = [left, right].map((each) => {
    if (each.type === 'string' && (promoted === 'long' || promoted === 'double')) return scope.cast(each, promoted)
    return each
  }) as [Operand, Operand]
  const other = a.type === 'void' ? b.type : a.type
  if (other === 'void' || other === 'string' || typeof other !== 'string')
    throw mismatch(scope, operator, left, right, at)
  const [x, y] = [a.type === 'void' ? scope.cast(a, other) : a, b.type === 'void' ? scope.cast(b, other) : b]
  if (!isNumeric(x.type) || !isNumeric(y.type)) throw mismatch(scope, operator, left, right, at)
  // Of decimals Spark cuts what is beyond a long to 64 bits, or fails, by rules of its own.
  if (operator === 'DIV' && !(isIntegral(x.type) && isIntegral(y.type)))
    throw mismatch(scope, operator, left, right, at)
  return [x, y]
}

function mismatch(scope: BindingScope, operator: string, left: Operand, right: Operand, at: number): Error {
  return scope.unsupported(`${typeText(left.type)} ${operator} ${typeText(right.type)}`, at)
}

function ofWholes(
  scope: BindingScope,
  operator: Exclude<ArithmeticOperator, '/'>,
  left: Operand,
  right: Operand,
  at: number,
): Operand {
  const type = left.type as 'byte' | 'short' | 'integer' | 'long'
  if (type !== 'long' && (operator === '+' || operator === '-')) {
    const sign = operator === '+' ? 1 : -1
    const max = type === 'integer' ? 2 ** 31 : type === 'short' ? 2 ** 15 : 2 ** 7
    return scope.strict(at, type, [left, right], (a, b) => {
      const sum = (a as number) + sign * (b as number)
      if (sum >= max || sum < -max) throw failure(`${sum} is beyond ${typeText(type)}`)
      return sum
    })
  }
  return scope.strict(at, type, [left, right], (a, b) =>
    fitWhole(wholeResult(operator, BigInt(a as number | bigint), BigInt(b as number | bigint)), type),
  )
}

function wholeResult(operator: Exclude<ArithmeticOperator, '/'>, left: bigint, right: bigint): bigint {
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '%':
      return left % nonZero(right)
    case 'DIV':
      return left / nonZero(right)
  }
}

function ofDoubles(
  scope: BindingScope,
  operator: Exclude<ArithmeticOperator, 'DIV'>,
  left: Operand,
  right: Operand,
  at: number,
): Operand {
  const { type } = left
  const round = type === 'float' ? Math.fround : (value: number): number => value
  const apply = doubleOperations[operator]
  return scope.strict(at, type, [left, right], (a, b) => round(apply(a as number, b as number)))
}

const doubleOperations: Readonly<Record<Exclude<ArithmeticOperator, 'DIV'>, (left: number, right: number) => number>> =
  {
    '+': (left, right) => left + right,
    '-': (left, right) => left - right,
    '*': (left, right) => left * right,
    '/': (left, right) => left / nonZero(right),
    '%': (left, right) => left % nonZero(right),
  }

/** Quotients are taken to this scale before they are rounded to the result's. */
const quotientScale = 39

function ofDecimals(
  scope: BindingScope,
  operator: Exclude<ArithmeticOperator, 'DIV'>,
  first: Operand,
  second: Operand,
  at: number,
): Operand {
  const [left, right] = [first, second].map((each) => {
    const shape = decimalFor(each.type)
    return shape === undefined ? each : scope.cast(each, decimalType(shape))
  }) as [Operand, Operand]
  const [a, b] = [shapeOf(left.type)!, shapeOf(right.type)!]
  const scale = Math.max(a.scale, b.scale)
  const [raiseA, raiseB] = [10n ** BigInt(scale - a.scale), 10n ** BigInt(scale - b.scale)]
  const result = decimalResult(operator, a, b)
  const fit = (unscaled: bigint, from: number): SqlValue => {
    const fitted = fitDecimal({ unscaled, scale: from }, result)
    if (fitted === undefined) throw failure(`${decimalText(unscaled, from)} is beyond ${typeText(decimalType(result))}`)
    return fitted
  }
  const quotientRaise = 10n ** BigInt(quotientScale - a.scale + b.scale)
  return scope.strict(at, decimalType(result), [left, right], (given, other) => {
    const [x, y] = [given as bigint, other as bigint]
    switch (operator) {
      case '+':
        return fit(x * raiseA + y * raiseB, scale)
      case '-':
        return fit(x * raiseA - y * raiseB, scale)
      case '*':
        return fit(x * y, a.scale + b.scale)
      case '/':
        return fit(divideHalfUp(x * quotientRaise, nonZero(y)), quotientScale)
      case '%':
        return fit((x * raiseA) % (nonZero(y) * raiseB), scale)
    }
  })
}

function nonZero<T extends number | bigint>(divisor: T): T {
  if (divisor === 0 || divisor === 0n) throw failure('a division by zero')
  return divisor
}
