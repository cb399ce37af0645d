import { unreachable, type ColumnBatch, type ColumnVector, type StructType } from '@silt/core'
import { opaque, type SqlStruct, type SqlValue } from './values/sql-value.ts'

/**
 * The rows of a batch as expressions over `schema` take them. Columns are found by name, those the batch lacks are NULL; only `columns` (indexes in the
 * schema, as `CompiledExpression.columns` gives them) are read. One array serves all rows: a row is good until the next is asked for.
 */
export function batchRows(
  batch: ColumnBatch,
  schema: StructType,
  columns: readonly number[],
): (row: number) => SqlStruct {
  const indexes = new Map(batch.schema.fields.map((field, index) => [field.name, index] as const))
  const found = columns.flatMap((column) => {
    const index = indexes.get(schema.fields[column]!.name)
    return index === undefined ? [] : [{ column, vector: batch.columns[index]! }]
  })
  const values = new Array<SqlValue>(schema.fields.length).fill(null)
  return (row) => {
    for (const { column, vector } of found) values[column] = slotOf(vector, row)
    return values
  }
}

function slotOf(vector: ColumnVector, slot: number): SqlValue {
  const { validity } = vector
  if (validity !== undefined && (validity[slot >> 3]! & (1 << (slot & 7))) === 0) return null
  switch (vector.kind) {
    case 'string': {
      const [start, end] = [vector.offsets[slot]!, vector.offsets[slot + 1]!]
      return decoder.decode(vector.bytes.subarray(start, end))
    }
    case 'binary':
      return vector.bytes.subarray(vector.offsets[slot], vector.offsets[slot + 1])
    case 'long':
    case 'timestamp':
    case 'integer':
    case 'date':
    case 'double':
      return vector.values[slot]!
    case 'boolean':
      return vector.values[slot] === 1
    case 'struct':
      return vector.children.map((child) => slotOf(child, slot))
    case 'list':
      return opaque
    default:
      return unreachable(vector)
  }
}

/** What is no UTF-8 reads as replacement characters; a mark of byte order is text. */
const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
