import { unreachable, type StructType } from '@silt/core'
import type { Expression } from '../syntax/expression.ts'
import { functions } from '../functions/function-table.ts'
import { commonTypeOf } from '../types/common-type.ts'
import { typeText, type SqlType } from '../types/sql-type.ts'
import type { SqlStruct, SqlValue } from '../values/sql-value.ts'
import { arithmetic, concatenate, negate, shift } from './arithmetic.ts'
import type { BindingScope } from './binding-scope.ts'
import type { Operand } from './bound.ts'
import { between, compare, isIn } from './comparison.ts'
import { like } from './like.ts'
import { conjunction, disjunction, is, not } from './logic.ts'

/** Gives an expression its types and columns. `expressions/unsupported` names what Silt does not evaluate, or Spark would not either. */
export function bind(scope: BindingScope, expression: Expression): Operand {
  const within = (each: Expression): Operand => bind(scope, each)
  const { at } = expression
  switch (expression.kind) {
    case 'literal': {
      const { type, value } = expression
      return { at, type, run: () => value, isConstant: true, literal: value }
    }
    case 'interval':
      throw scope.unsupported('an interval but added to or taken from a date or timestamp', at)
    case 'name':
      return column(scope, expression.parts, at)
    case 'negation':
      return negate(scope, within(expression.operand), at)
    case 'not':
      return not(scope, within(expression.operand), at)
    case 'binary':
      return binary(scope, expression, within)
    case 'logical':
      return expression.operator === 'AND'
        ? conjunction(scope, expression.operands.map(within), at)
        : disjunction(scope, expression.operands.map(within), at)
    case 'is':
      return is(scope, within(expression.operand), expression.what, expression.isNegated, at)
    case 'in':
      return isIn(scope, within(expression.operand), expression.items.map(within), expression.isNegated, at)
    case 'between': {
      const { operand, low, high, isNegated } = expression
      return between(scope, within(operand), within(low), within(high), isNegated, at)
    }
    case 'like':
      return like(scope, within(expression.operand), within(expression.pattern), expression, at)
    case 'case':
      return caseOf(scope, expression, within)
    case 'cast':
      return { ...scope.cast(within(expression.operand), expression.type, expression.isTry), at }
    case 'call': {
      const rule = functions.get(expression.name)
      if (rule === undefined) throw scope.unsupported(`function ${expression.name}`, at)
      return rule(scope, expression.operands.map(within), { at, name: expression.name })
    }
    default:
      return unreachable(expression)
  }
}

function binary(
  scope: BindingScope,
  { at, operator, left, right }: Extract<Expression, { kind: 'binary' }>,
  within: (each: Expression) => Operand,
): Operand {
  switch (operator) {
    case '+':
    case '-':
      if (right.kind === 'interval') return shift(scope, within(left), right, operator === '+' ? 1 : -1, at)
      if (left.kind === 'interval' && operator === '+') return shift(scope, within(right), left, 1, at)
      return arithmetic(scope, operator, within(left), within(right), at)
    case '*':
    case '/':
    case '%':
    case 'DIV':
      return arithmetic(scope, operator, within(left), within(right), at)
    case '||':
      return concatenate(scope, [within(left), within(right)], at)
    default:
      return compare(scope, operator, within(left), within(right), at)
  }
}

/** A column, or a field within structs, by names that differ in case at most. A field of a NULL struct is NULL. */
function column(scope: BindingScope, parts: readonly string[], at: number): Operand {
  const name = parts.join('.')
  if (scope.purpose === 'default') throw scope.unsupported(`column ${name} in a default`, at)
  let type: SqlType = scope.schema
  const path: number[] = []
  for (const part of parts) {
    if (typeof type === 'string' || type.type !== 'struct')
      throw scope.unsupported(`${name}: a field of ${typeText(type)}`, at)
    const index = indexOf(type, part)
    if (index < 0) throw scope.unsupported(`${name}: the table has no such column`, at)
    path.push(index)
    type = type.fields[index]!.type
  }
  const [first, ...rest] = path as [number, ...number[]]
  scope.columns.add(first)
  const run =
    rest.length === 0
      ? (row: SqlStruct): SqlValue => row[first]!
      : (row: SqlStruct): SqlValue => rest.reduce<SqlValue>(fieldOf, row[first]!)
  return { at, type, run, isConstant: false }
}

function fieldOf(value: SqlValue, index: number): SqlValue {
  return value === null ? null : (value as SqlStruct)[index]!
}

function indexOf(type: StructType, name: string): number {
  const exact = type.fields.findIndex((each) => each.name === name)
  if (exact >= 0) return exact
  const lower = name.toLowerCase()
  return type.fields.findIndex((each) => each.name.toLowerCase() === lower)
}

function caseOf(
  scope: BindingScope,
  { at, operand, branches, otherwise }: Extract<Expression, { kind: 'case' }>,
  within: (each: Expression) => Operand,
): Operand {
  const bound = branches.map(({ when, then }) => {
    const condition = operand === undefined ? within(when) : compare(scope, '=', within(operand), within(when), when.at)
    if (condition.type !== 'boolean')
      throw scope.unsupported(`a condition of type ${typeText(condition.type)}`, when.at)
    return { condition, then: within(then) }
  })
  const nothing: Operand = { at, type: 'void', run: () => null, isConstant: true }
  const last = otherwise === undefined ? nothing : within(otherwise)
  const values = [...bound.map(({ then }) => then), last]
  const type = commonTypeOf(values.map((each) => each.type))
  if (type === undefined) throw scope.unsupported(`CASE of ${values.map((each) => typeText(each.type)).join(', ')}`, at)
  const cast = scope.castAll(values, type)
  const conditions = bound.map(({ condition }) => condition)
  return scope.fold(at, type, [...conditions, ...cast], (row, context) => {
    const index = conditions.findIndex((each) => each.run(row, context) === true)
    return cast[index < 0 ? conditions.length : index]!.run(row, context)
  })
}
