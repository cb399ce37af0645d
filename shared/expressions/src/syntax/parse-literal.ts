import { decimalPrecisionMax, decimalType } from '../types/sql-type.ts'
import { parseDecimal } from '../values/decimal.ts'
import { parseDate } from '../values/date-text.ts'
import { parseTimestamp } from '../values/timestamp-text.ts'
import type { Expression } from './expression.ts'
import type { TokenCursor } from './token-cursor.ts'

type Literal = Extract<Expression, { kind: 'literal' }>

/** A number, `isNegative` if a minus stands before it: as in Spark it belongs to the literal, so the least of each type can be written. */
export function parseNumber(cursor: TokenCursor, at: number, isNegative: boolean): Literal {
  const { text, suffix } = cursor.take()
  const digits = isNegative ? `-${text}` : text
  const isWhole = /^-?\d+$/.test(digits)
  switch (suffix) {
    case 'L':
    case 'S':
    case 'Y': {
      if (!isWhole) throw cursor.unsupported(`the number ${text}${suffix}`, at)
      const [type, bits] =
        suffix === 'L' ? (['long', 64] as const) : suffix === 'S' ? (['short', 16] as const) : (['byte', 8] as const)
      const value = BigInt(digits)
      if (BigInt.asIntN(bits, value) !== value) throw cursor.unsupported(`${digits} as ${type}`, at)
      return { kind: 'literal', at, type, value: type === 'long' ? value : Number(value) }
    }
    case 'F':
    case 'D': {
      const value = suffix === 'F' ? Math.fround(Number(digits)) : Number(digits)
      if (!Number.isFinite(value)) throw cursor.unsupported(`the number ${text}${suffix}`, at)
      return { kind: 'literal', at, type: suffix === 'F' ? 'float' : 'double', value }
    }
    case 'BD':
      return decimalLiteral(cursor, at, digits)
    default:
      if (/[eE]/.test(text)) {
        const value = Number(digits)
        if (!Number.isFinite(value)) throw cursor.unsupported(`the number ${text}`, at)
        return { kind: 'literal', at, type: 'double', value }
      }
      return isWhole ? wholeLiteral(cursor, at, digits) : decimalLiteral(cursor, at, digits)
  }
}

/** `DATE'…'`, `TIMESTAMP'…'` and the like; undefined where none comes next. */
export function parseTypedLiteral(cursor: TokenCursor): Literal | undefined {
  const { token, at } = cursor
  if (token.kind !== 'word' || cursor.peek(1).kind !== 'string') return undefined
  switch (token.upper) {
    case 'DATE': {
      cursor.take()
      const value = parseDate(cursor.take().text)
      if (value === undefined) throw cursor.unsupported('no such date', at)
      return { kind: 'literal', at, type: 'date', value }
    }
    case 'TIMESTAMP':
    case 'TIMESTAMP_LTZ':
    case 'TIMESTAMP_NTZ': {
      cursor.take()
      const parsed = parseTimestamp(cursor.take().text)
      const type = token.upper === 'TIMESTAMP_NTZ' ? 'timestamp_ntz' : 'timestamp'
      if (parsed === undefined) throw cursor.unsupported('no such timestamp', at)
      return { kind: 'literal', at, type, value: type === 'timestamp' ? parsed.micros : parsed.localMicros }
    }
    case 'X': {
      cursor.take()
      const digits = cursor.take().text
      if (!/^([0-9a-fA-F]{2})*$/.test(digits)) throw cursor.unsupported('bytes in other than pairs of hex digits', at)
      const bytes = Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16))
      return { kind: 'literal', at, type: 'binary', value: bytes }
    }
    default:
      throw cursor.unsupported(`${token.text} before a string`, at)
  }
}

function wholeLiteral(cursor: TokenCursor, at: number, digits: string): Literal {
  const value = BigInt(digits)
  if (BigInt.asIntN(32, value) === value) return { kind: 'literal', at, type: 'integer', value: Number(value) }
  if (BigInt.asIntN(64, value) === value) return { kind: 'literal', at, type: 'long', value }
  return decimalLiteral(cursor, at, digits)
}

function decimalLiteral(cursor: TokenCursor, at: number, digits: string): Literal {
  const found = parseDecimal(digits)
  if (found === undefined) throw cursor.unsupported(`the number ${digits}`, at)
  // 1e5BD has a negative scale, which no type of Delta has.
  const scale = Math.max(0, found.scale)
  const unscaled = found.scale < 0 ? found.unscaled * 10n ** BigInt(-found.scale) : found.unscaled
  const significant = unscaled.toString().replace('-', '').length
  const precision = Math.max(significant, scale)
  if (precision > decimalPrecisionMax)
    throw cursor.unsupported(`a number of more than ${decimalPrecisionMax} digits`, at)
  return { kind: 'literal', at, type: decimalType({ precision, scale }), value: unscaled }
}
