import type { Expression, IntervalUnit } from './expression.ts'
import { parseType } from './parse-type.ts'
import type { TokenCursor } from './token-cursor.ts'

/** How the operands of keywords are read: handed in, for they may begin with keywords again. */
export interface OperandReaders {
  readonly readExpression: (cursor: TokenCursor) => Expression
  readonly readValue: (cursor: TokenCursor) => Expression
}

/** What begins with a keyword: NULL, TRUE, FALSE, CASE, CAST, INTERVAL, EXTRACT, POSITION; undefined where the word is a name. */
export function parsePrefixed(cursor: TokenCursor, readers: OperandReaders): Expression | undefined {
  const { at } = cursor
  const isCall = cursor.peek(1).kind === 'symbol' && cursor.peek(1).text === '('
  switch (cursor.token.upper) {
    case 'NULL':
      cursor.take()
      return { kind: 'literal', at, type: 'void', value: null }
    case 'TRUE':
    case 'FALSE':
      return { kind: 'literal', at, type: 'boolean', value: cursor.take().upper === 'TRUE' }
    case 'CASE':
      cursor.take()
      return readCase(cursor, at, readers)
    case 'CAST':
    case 'TRY_CAST':
      return isCall ? readCast(cursor, at, readers) : undefined
    case 'INTERVAL':
      return readInterval(cursor, at)
    case 'EXTRACT':
      return isCall ? readExtract(cursor, at, readers) : undefined
    case 'TRIM':
      return isCall ? readTrim(cursor, at, readers) : undefined
    case 'SUBSTRING':
    case 'SUBSTR':
      return isCall ? readSubstring(cursor, at, readers) : undefined
    case 'CURRENT_DATE':
    case 'CURRENT_TIMESTAMP':
    case 'LOCALTIMESTAMP':
      return isCall ? undefined : { kind: 'call', at, name: cursor.take().text.toLowerCase(), operands: [] }
    case 'EXISTS':
    case 'SELECT':
    case 'WITH':
      if (isCall || cursor.token.upper === 'SELECT') throw cursor.unsupported('queries')
      return undefined
    default:
      return undefined
  }
}

function readCase(cursor: TokenCursor, at: number, { readExpression }: OperandReaders): Expression {
  const operand = cursor.isWord('WHEN') ? undefined : readExpression(cursor)
  const branches: { when: Expression; then: Expression }[] = []
  while (cursor.acceptWords('WHEN')) {
    const when = readExpression(cursor)
    cursor.expectWords('THEN')
    branches.push({ when, then: readExpression(cursor) })
  }
  if (branches.length === 0) throw cursor.expected('WHEN')
  const otherwise = cursor.acceptWords('ELSE') ? readExpression(cursor) : undefined
  cursor.expectWords('END')
  return { kind: 'case', at, operand, branches, otherwise }
}

function readCast(cursor: TokenCursor, at: number, { readExpression }: OperandReaders): Expression {
  const isTry = cursor.take().upper === 'TRY_CAST'
  cursor.expectSymbol('(')
  const operand = readExpression(cursor)
  cursor.expectWords('AS')
  const type = parseType(cursor)
  cursor.expectSymbol(')')
  return { kind: 'cast', at, isTry, operand, type }
}

/** `INTERVAL 1 DAY`, `INTERVAL '1' DAY`, `INTERVAL -1 DAY`, `INTERVAL '1 day'`: one count and one unit. */
function readInterval(cursor: TokenCursor, at: number): Expression | undefined {
  const next = cursor.peek(1)
  const isMinus = next.kind === 'symbol' && next.text === '-'
  if (next.kind !== 'number' && next.kind !== 'string' && !isMinus) return undefined
  cursor.take()
  const isNegative = cursor.acceptSymbol('-')
  const { kind, text } = cursor.take()
  const match = /^\s*([+-]?\d{1,9})(?:\s+([a-zA-Z]+))?\s*$/.exec(text)
  if ((kind !== 'number' && kind !== 'string') || match === null)
    throw cursor.unsupported('an interval of other than a whole count and a unit', at)
  const unit = (match[2] ?? cursor.expectName('a unit of time')).toUpperCase().replace(/S$/, '')
  if (!intervalUnits.has(unit)) throw cursor.unsupported(`an interval in ${unit}`, at)
  if (cursor.isWord('TO') || cursor.token.kind === 'number' || cursor.token.kind === 'string')
    throw cursor.unsupported('an interval of several units')
  const count = Number(match[1]) * (isNegative ? -1 : 1)
  return { kind: 'interval', at, count, unit: unit as IntervalUnit }
}

/** `EXTRACT(YEAR FROM x)` is the function of that name. */
function readExtract(cursor: TokenCursor, at: number, { readValue }: OperandReaders): Expression {
  cursor.take()
  cursor.expectSymbol('(')
  const name = cursor.expectName('a field of dates').toLowerCase()
  cursor.expectWords('FROM')
  const operand = readValue(cursor)
  cursor.expectSymbol(')')
  // The second carries its fraction here, which the function of that name cuts off.
  const known = ['year', 'quarter', 'month', 'day', 'dayofweek', 'hour', 'minute']
  if (!known.includes(name)) throw cursor.unsupported(`EXTRACT of ${name}`, at)
  return { kind: 'call', at, name, operands: [operand] }
}

/** `TRIM(x)`, `TRIM(BOTH | LEADING | TRAILING [y] FROM x)`, `TRIM(y FROM x)`. */
function readTrim(cursor: TokenCursor, at: number, { readExpression, readValue }: OperandReaders): Expression {
  cursor.take()
  cursor.expectSymbol('(')
  const names: Readonly<Record<string, string>> = { BOTH: 'trim', LEADING: 'ltrim', TRAILING: 'rtrim' }
  const next = cursor.peek(1)
  const isName = next.kind === 'symbol' && (next.text === ')' || next.text === '.' || next.text === ',')
  const side = cursor.token.kind === 'word' && !isName ? names[cursor.token.upper] : undefined
  if (side !== undefined) cursor.take()
  const name = side ?? 'trim'
  if (cursor.acceptWords('FROM')) {
    const operand = readValue(cursor)
    cursor.expectSymbol(')')
    return { kind: 'call', at, name, operands: [operand] }
  }
  const operands = cursor.list(() => readExpression(cursor))
  const isFrom = operands.length === 1 && cursor.acceptWords('FROM')
  const all = isFrom ? [operands[0]!, readValue(cursor)] : operands
  cursor.expectSymbol(')')
  return { kind: 'call', at, name, operands: all }
}

/** `SUBSTRING(x, from, length)` and `SUBSTRING(x FROM from FOR length)`. */
function readSubstring(cursor: TokenCursor, at: number, { readExpression, readValue }: OperandReaders): Expression {
  cursor.take()
  cursor.expectSymbol('(')
  const operands = [...cursor.list(() => readExpression(cursor))]
  if (operands.length === 1 && cursor.acceptWords('FROM')) {
    operands.push(readValue(cursor))
    if (cursor.acceptWords('FOR')) operands.push(readValue(cursor))
  }
  cursor.expectSymbol(')')
  return { kind: 'call', at, name: 'substring', operands }
}

const intervalUnits: ReadonlySet<string> = new Set<IntervalUnit>([
  'YEAR',
  'MONTH',
  'WEEK',
  'DAY',
  'HOUR',
  'MINUTE',
  'SECOND',
  'MILLISECOND',
  'MICROSECOND',
])
