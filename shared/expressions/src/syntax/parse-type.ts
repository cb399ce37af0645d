import { field, primitiveType, struct, type DataType, type StructField } from '@silt/core'
import { decimalPrecisionMax } from '../types/sql-type.ts'
import type { TokenCursor } from './token-cursor.ts'

const spellings: Readonly<Record<string, DataType>> = {
  BOOLEAN: 'boolean',
  TINYINT: 'byte',
  BYTE: 'byte',
  SMALLINT: 'short',
  SHORT: 'short',
  INT: 'integer',
  INTEGER: 'integer',
  BIGINT: 'long',
  LONG: 'long',
  FLOAT: 'float',
  REAL: 'float',
  DOUBLE: 'double',
  STRING: 'string',
  BINARY: 'binary',
  DATE: 'date',
  TIMESTAMP: 'timestamp',
  TIMESTAMP_LTZ: 'timestamp',
  TIMESTAMP_NTZ: 'timestamp_ntz',
}

/** A data type as Spark's SQL writes it. Errors: `expressions/syntax`; `expressions/unsupported` naming a type that Delta's tables lack or Silt does not write. */
export function parseType(cursor: TokenCursor): DataType {
  return cursor.nested(() => readType(cursor))
}

function readType(cursor: TokenCursor): DataType {
  const { at } = cursor
  if (cursor.token.kind !== 'word') throw cursor.expected('a type')
  const name = cursor.take().upper
  switch (name) {
    case 'DECIMAL':
    case 'DEC':
    case 'NUMERIC':
      return readDecimal(cursor)
    case 'ARRAY': {
      cursor.expectSymbol('<')
      const elementType = parseType(cursor)
      closeAngle(cursor)
      return { type: 'array', elementType, containsNull: true }
    }
    case 'MAP': {
      cursor.expectSymbol('<')
      const keyType = parseType(cursor)
      cursor.expectSymbol(',')
      const valueType = parseType(cursor)
      closeAngle(cursor)
      return { type: 'map', keyType, valueType, valueContainsNull: true }
    }
    case 'STRUCT':
      return readStruct(cursor)
    default: {
      const found = spellings[name]
      if (found === undefined) throw cursor.unsupported(`type ${name}`, at)
      return found
    }
  }
}

function readDecimal(cursor: TokenCursor): DataType {
  const { at } = cursor
  let [precision, scale] = [10, 0]
  if (cursor.acceptSymbol('(')) {
    precision = readCount(cursor)
    if (cursor.acceptSymbol(',')) scale = readCount(cursor)
    cursor.expectSymbol(')')
  }
  if (precision < 1 || precision > decimalPrecisionMax || scale > precision)
    throw cursor.unsupported(`DECIMAL(${precision},${scale})`, at)
  const type = primitiveType(`decimal(${precision},${scale})`)
  if (type === undefined) throw cursor.unsupported(`DECIMAL(${precision},${scale})`, at)
  return type
}

function readCount(cursor: TokenCursor): number {
  const { kind, text, suffix } = cursor.token
  if (kind !== 'number' || suffix !== '' || !/^\d{1,3}$/.test(text)) throw cursor.expected('a whole number')
  cursor.take()
  return Number(text)
}

function readStruct(cursor: TokenCursor): DataType {
  // Brackets of an empty one read as an operator.
  if (cursor.acceptSymbol('<>')) return struct([])
  cursor.expectSymbol('<')
  const fields = cursor.list(() => readField(cursor))
  closeAngle(cursor)
  return struct(fields)
}

function readField(cursor: TokenCursor): StructField {
  const name = cursor.expectName("a field's name")
  cursor.acceptSymbol(':')
  const type = parseType(cursor)
  const isRequired = cursor.acceptWords('NOT', 'NULL')
  const plain = field(name, type, !isRequired)
  if (!cursor.acceptWords('COMMENT')) return plain
  return { ...plain, metadata: { comment: cursor.expectString('a comment') } }
}

function closeAngle(cursor: TokenCursor): void {
  cursor.expectSymbol('>')
}
