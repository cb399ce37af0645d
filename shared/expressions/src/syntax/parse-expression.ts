import type { BinaryOperator, Expression } from './expression.ts'
import { parseNumber, parseTypedLiteral } from './parse-literal.ts'
import { parsePrefixed, type OperandReaders } from './parse-keyword.ts'
import { parseType } from './parse-type.ts'
import { requireShallow } from './require-shallow.ts'
import { TokenCursor } from './token-cursor.ts'

/** The one expression a text holds. Errors: `expressions/syntax`, `expressions/unsupported`, with line and column. */
export function parseExpression(text: string): Expression {
  const cursor = new TokenCursor(text)
  const expression = readExpression(cursor)
  cursor.expectEnd()
  requireShallow(text, expression)
  return expression
}

/** Spark's `booleanExpression`: OR over AND over NOT over one predicate (IS, IN, BETWEEN, LIKE) over operators. */
export function readExpression(cursor: TokenCursor): Expression {
  return cursor.nested(() => readLogical(cursor, 'OR'))
}

/** Spark's `valueExpression`: comparisons and arithmetic; what stands between BETWEEN and AND. */
function readValue(cursor: TokenCursor, least = 0): Expression {
  let left = readUnary(cursor)
  for (;;) {
    const { token } = cursor
    const operator = operators.get(token.kind === 'symbol' || token.kind === 'word' ? token.upper : '')
    if (operator === undefined || operator.level < least) {
      if (token.kind === 'symbol' && unsupportedOperators.has(token.text))
        throw cursor.unsupported(`operator ${token.text}`)
      return left
    }
    cursor.take()
    left = { kind: 'binary', at: left.at, operator: operator.name, left, right: readValue(cursor, operator.level + 1) }
  }
}

function readLogical(cursor: TokenCursor, operator: 'AND' | 'OR'): Expression {
  const read = (): Expression => (operator === 'OR' ? readLogical(cursor, 'AND') : readNot(cursor))
  const first = read()
  if (!cursor.isWord(operator)) return first
  const all = [first]
  while (cursor.acceptWords(operator)) all.push(read())
  return { kind: 'logical', at: first.at, operator, operands: all }
}

function readNot(cursor: TokenCursor): Expression {
  const { at } = cursor
  const isNot = cursor.isWord('NOT') || cursor.isSymbol('!')
  if (!isNot) return readPredicate(cursor)
  cursor.take()
  return { kind: 'not', at, operand: cursor.nested(() => readNot(cursor)) }
}

function readPredicate(cursor: TokenCursor): Expression {
  const operand = readValue(cursor)
  const { at } = operand
  if (cursor.acceptWords('IS')) return readIs(cursor, operand)
  const isNegated = cursor.isWord('NOT') && ['IN', 'BETWEEN', 'LIKE'].includes(cursor.peek(1).upper)
  if (isNegated) cursor.take()
  if (cursor.acceptWords('IN')) {
    cursor.expectSymbol('(')
    const items = cursor.list(() => readExpression(cursor))
    cursor.expectSymbol(')')
    return { kind: 'in', at, isNegated, operand, items }
  }
  if (cursor.acceptWords('BETWEEN')) {
    const low = readValue(cursor)
    cursor.expectWords('AND')
    return { kind: 'between', at, isNegated, operand, low, high: readValue(cursor) }
  }
  if (cursor.acceptWords('LIKE')) {
    if (cursor.isWord('ANY') || cursor.isWord('ALL') || cursor.isWord('SOME'))
      throw cursor.unsupported('LIKE ANY and ALL')
    const pattern = readValue(cursor)
    const escapeAt = cursor.at
    const escape = cursor.acceptWords('ESCAPE') ? cursor.expectString('a character') : '\\'
    if (escape.length !== 1) throw cursor.unsupported('an escape of other than one character', escapeAt)
    return { kind: 'like', at, isNegated, operand, pattern, escape }
  }
  for (const word of ['ILIKE', 'RLIKE', 'REGEXP'])
    if (cursor.isWord(word) || cursor.isWord('NOT', word)) throw cursor.unsupported(word)
  return operand
}

function readIs(cursor: TokenCursor, operand: Expression): Expression {
  const { at } = operand
  const isNegated = cursor.acceptWords('NOT')
  if (cursor.acceptWords('DISTINCT', 'FROM')) {
    const right = readValue(cursor)
    const same: Expression = { kind: 'binary', at, operator: '<=>', left: operand, right }
    return isNegated ? same : { kind: 'not', at, operand: same }
  }
  for (const what of ['NULL', 'TRUE', 'FALSE'] as const)
    if (cursor.acceptWords(what)) return { kind: 'is', at, what, isNegated, operand }
  // Unknown is how the standard calls a NULL truth.
  if (cursor.isWord('UNKNOWN')) throw cursor.unsupported('IS UNKNOWN')
  throw cursor.expected('NULL, TRUE, FALSE or DISTINCT FROM')
}

function readUnary(cursor: TokenCursor): Expression {
  const { at } = cursor
  if (cursor.acceptSymbol('-')) {
    if (cursor.token.kind === 'number') return readPostfix(cursor, parseNumber(cursor, at, true))
    return { kind: 'negation', at, operand: cursor.nested(() => readUnary(cursor)) }
  }
  // A plus does nothing but ask for a number.
  if (cursor.acceptSymbol('+')) throw cursor.unsupported('the sign +', at)
  return readPostfix(cursor, readPrimary(cursor))
}

function readPostfix(cursor: TokenCursor, primary: Expression): Expression {
  let expression = primary
  for (;;) {
    if (cursor.acceptSymbol('::'))
      expression = { kind: 'cast', at: primary.at, isTry: false, operand: expression, type: parseType(cursor) }
    else if (cursor.isSymbol('[')) throw cursor.unsupported('elements of arrays and maps')
    else if (cursor.isSymbol('.')) throw cursor.unsupported('a field of what is no column')
    else return expression
  }
}

function readPrimary(cursor: TokenCursor): Expression {
  const { at, token } = cursor
  switch (token.kind) {
    case 'number':
      return parseNumber(cursor, at, false)
    case 'string':
      return { kind: 'literal', at, type: 'string', value: cursor.expectString('a string') }
    case 'symbol': {
      if (!cursor.acceptSymbol('(')) throw cursor.expected('a value')
      const inner = readExpression(cursor)
      if (cursor.isSymbol(',')) throw cursor.unsupported('structs in brackets')
      cursor.expectSymbol(')')
      return inner
    }
    case 'word':
      return parsePrefixed(cursor, operands) ?? parseTypedLiteral(cursor) ?? readNamed(cursor)
    case 'quoted':
      return readNamed(cursor)
    case 'end':
      throw cursor.expected('a value')
  }
}

/** A column, perhaps of a struct, or a call. */
function readNamed(cursor: TokenCursor): Expression {
  const { at } = cursor
  const parts = [cursor.take().text]
  while (cursor.acceptSymbol('.')) parts.push(cursor.expectName("a field's name"))
  if (!cursor.isSymbol('(')) return { kind: 'name', at, parts }
  if (parts.length > 1) throw cursor.unsupported(`function ${parts.join('.')}`, at)
  const name = parts[0]!.toLowerCase()
  cursor.expectSymbol('(')
  if (cursor.isSymbol('*')) throw cursor.unsupported(`function ${name} of *`, at)
  if (cursor.isWord('DISTINCT')) throw cursor.unsupported(`function ${name} of DISTINCT values`, at)
  const given = cursor.isSymbol(')') ? [] : cursor.list(() => readExpression(cursor))
  cursor.expectSymbol(')')
  if (cursor.isWord('OVER') || cursor.isWord('FILTER')) throw cursor.unsupported('windows and aggregates')
  return { kind: 'call', at, name, operands: given }
}

const operands: OperandReaders = { readExpression, readValue: (cursor) => readValue(cursor) }

/** Levels as in Spark's grammar: `||` binds like + and -. */
const levels: readonly (readonly [number, readonly (readonly [string, BinaryOperator])[]])[] = [
  [
    1,
    [
      ['=', '='],
      ['==', '='],
      ['<=>', '<=>'],
      ['<>', '<>'],
      ['!=', '<>'],
      ['<', '<'],
      ['<=', '<='],
      ['>', '>'],
      ['>=', '>='],
    ],
  ],
  [
    2,
    [
      ['+', '+'],
      ['-', '-'],
      ['||', '||'],
    ],
  ],
  [
    3,
    [
      ['*', '*'],
      ['/', '/'],
      ['%', '%'],
      ['DIV', 'DIV'],
    ],
  ],
]

const operators: ReadonlyMap<string, { readonly name: BinaryOperator; readonly level: number }> = new Map(
  levels.flatMap(([level, names]) => names.map(([text, name]) => [text, { name, level }] as const)),
)

const unsupportedOperators: ReadonlySet<string> = new Set(['&', '|', '^', '~', '?', ':', '@', '#', '$', '{', '['])
