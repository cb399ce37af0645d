import { SiltError, unreachable } from '@silt/core'
import { quoteName, shapeOf, typeText, type SqlType } from '../types/sql-type.ts'
import { dateText } from '../values/date-text.ts'
import { decimalText } from '../values/decimal.ts'
import type { SqlValue } from '../values/sql-value.ts'
import { timestampText } from '../values/timestamp-text.ts'
import type { Expression } from './expression.ts'
import { quoteString } from './string-literal.ts'

/** The expression as text that parses to the same, brackets wherever they could matter. */
export function printExpression(expression: Expression): string {
  const inner = (each: Expression): string => (isAtom(each) ? printExpression(each) : `(${printExpression(each)})`)
  const not = (isNegated: boolean): string => (isNegated ? 'NOT ' : '')
  switch (expression.kind) {
    case 'literal':
      return literalText(expression.type, expression.value)
    case 'interval':
      return `INTERVAL ${expression.count} ${expression.unit}`
    case 'name':
      return expression.parts
        .map((part) => (reserved.has(part.toUpperCase()) ? `\`${part}\`` : quoteName(part)))
        .join('.')
    case 'negation':
      return `-(${printExpression(expression.operand)})`
    case 'not':
      return `NOT ${inner(expression.operand)}`
    case 'binary':
      return `${inner(expression.left)} ${expression.operator} ${inner(expression.right)}`
    case 'logical':
      return expression.operands.map(inner).join(` ${expression.operator} `)
    case 'is':
      return `${inner(expression.operand)} IS ${not(expression.isNegated)}${expression.what}`
    case 'in':
      return `${inner(expression.operand)} ${not(expression.isNegated)}IN (${printAll(expression.items)})`
    case 'between':
      return `${inner(expression.operand)} ${not(expression.isNegated)}BETWEEN ${inner(expression.low)} AND ${inner(expression.high)}`
    case 'like': {
      const escape = expression.escape === '\\' ? '' : ` ESCAPE ${quoteString(expression.escape)}`
      return `${inner(expression.operand)} ${not(expression.isNegated)}LIKE ${inner(expression.pattern)}${escape}`
    }
    case 'case': {
      const operand = expression.operand === undefined ? '' : ` ${inner(expression.operand)}`
      const branches = expression.branches.map((each) => ` WHEN ${inner(each.when)} THEN ${inner(each.then)}`)
      const otherwise = expression.otherwise === undefined ? '' : ` ELSE ${inner(expression.otherwise)}`
      return `CASE${operand}${branches.join('')}${otherwise} END`
    }
    case 'cast':
      return `${expression.isTry ? 'TRY_CAST' : 'CAST'}(${printExpression(expression.operand)} AS ${typeText(expression.type)})`
    case 'call':
      return `${quoteName(expression.name)}(${printAll(expression.operands)})`
    default:
      return unreachable(expression)
  }
}

/** Words that would be read as something else than a name. */
const reserved: ReadonlySet<string> = new Set([
  'NULL',
  'TRUE',
  'FALSE',
  'CASE',
  'NOT',
  'INTERVAL',
  'SELECT',
  'CURRENT_DATE',
  'CURRENT_TIMESTAMP',
  'LOCALTIMESTAMP',
])

function isAtom(expression: Expression): boolean {
  return ['literal', 'name', 'cast', 'call', 'case'].includes(expression.kind)
}

function printAll(expressions: readonly Expression[]): string {
  return expressions.map(printExpression).join(', ')
}

function literalText(type: SqlType, value: SqlValue): string {
  if (value === null) return 'NULL'
  if (shapeOf(type) !== undefined) return `${decimalText(value as bigint, shapeOf(type)!.scale)}BD`
  switch (type) {
    case 'boolean':
      return value === true ? 'TRUE' : 'FALSE'
    case 'integer':
      return String(value)
    case 'long':
      return `${String(value)}L`
    case 'short':
      return `${String(value)}S`
    case 'byte':
      return `${String(value)}Y`
    case 'float':
    case 'double': {
      const text = Object.is(value, -0) ? '-0' : String(value)
      return `${text}${type === 'float' ? 'F' : 'D'}`
    }
    case 'string':
      return quoteString(value as string)
    case 'binary':
      return `X'${Array.from(value as Uint8Array, (byte) => byte.toString(16).padStart(2, '0')).join('')}'`
    case 'date':
      return `DATE'${dateText(value as number)}'`
    case 'timestamp':
      return `TIMESTAMP'${timestampText(value as bigint)}Z'`
    case 'timestamp_ntz':
      return `TIMESTAMP_NTZ'${timestampText(value as bigint)}'`
    default:
      throw new SiltError('internal', 'internal/unreachable', `no literal of type ${typeText(type)}`)
  }
}
