import { parquetMetadata, parquetSchema, type SchemaTree } from 'hyparquet'
import {
  batchesOfRows,
  field,
  struct,
  valueAt,
  type ByteSource,
  type ColumnBatch,
  type DataType,
  type StructField,
  type StructType,
} from '@silt/core'
import { HyparquetReader } from '../../src/index.ts'

export function sourceOf(file: Uint8Array): ByteSource {
  return { sizeBytes: file.length, read: async (from, to) => file.subarray(from, to) }
}

/** The rows of batches as plain values. */
export async function plainRows(batches: AsyncIterable<ColumnBatch>): Promise<unknown[]> {
  const rows: unknown[] = []
  for await (const { schema, rowCount, columns } of batches) {
    const whole = { kind: 'struct', length: rowCount, nullCount: 0, children: columns } as const
    for (let row = 0; row < rowCount; row++) rows.push(valueAt(whole, struct(schema.fields), row))
  }
  return rows
}

/** The file's rows by its columns, and by the rows that hyparquet makes of it. */
export async function bothWays(file: Uint8Array, schema = schemaOf(file)): Promise<readonly [unknown[], unknown[]]> {
  const reader = new HyparquetReader()
  const names = schema.fields.map(({ name }) => name)
  const byColumns = await plainRows(reader.batches(sourceOf(file), schema))
  return [byColumns, await plainRows(batchesOfRows(schema, reader.rows(file, { columns: names })))]
}

/** The columns of a file as a schema, those left out that vectors do not hold. */
function schemaOf(file: Uint8Array): StructType {
  const copy = new Uint8Array(file).buffer
  return struct(parquetSchema(parquetMetadata(copy, { geoparquet: false })).children.flatMap(fieldOf))
}

function fieldOf(tree: SchemaTree): StructField[] {
  const { element, children } = tree
  const type = typeOf(tree)
  if (type !== undefined) return [field(element.name, type)]
  const inner = children.flatMap(fieldOf)
  const isPlain = children.length > 0 && element.converted_type === undefined && element.repetition_type !== 'REPEATED'
  return isPlain && inner.length > 0 ? [field(element.name, struct(inner))] : []
}

function typeOf({ element, children }: SchemaTree): DataType | undefined {
  const [group] = children
  if (element.converted_type === 'MAP' && group?.children.length === 2) {
    const [key, value] = group.children.map(typeOf)
    if (key === undefined || value === undefined) return undefined
    return { type: 'map', keyType: key, valueType: value, valueContainsNull: true }
  }
  if (element.converted_type === 'LIST' && group?.children[0] !== undefined) {
    const item = typeOf(group.children[0])
    return item && { type: 'array', elementType: item, containsNull: true }
  }
  if (children.length > 0 || element.repetition_type === 'REPEATED') return undefined
  switch (element.type) {
    case 'BYTE_ARRAY':
      if (element.converted_type === 'UTF8') return 'string'
      return element.converted_type === undefined && element.logical_type === undefined ? 'binary' : undefined
    case 'INT64':
      if (element.converted_type === undefined && element.logical_type === undefined) return 'long'
      return element.converted_type === 'TIMESTAMP_MICROS' ? 'timestamp' : undefined
    case 'INT32':
      if (element.converted_type === 'DATE') return 'date'
      return element.converted_type === undefined && element.logical_type === undefined ? 'integer' : undefined
    case 'BOOLEAN':
      return 'boolean'
    case 'DOUBLE':
    case 'FLOAT':
      return 'double'
    default:
      return undefined
  }
}
