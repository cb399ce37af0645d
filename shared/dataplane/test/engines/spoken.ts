import { decimalOf, type DataType, type ParquetRow, type StructType } from '@silt/core'
import { parquetMetadata } from 'hyparquet'

/** A row as the checking scripts speak values: integers, days, microseconds and decimals as text, doubles as the hex of their bits, bytes as hex. */
export function spokenRow(schema: StructType, row: ParquetRow): Record<string, unknown> {
  return Object.fromEntries(schema.fields.map(({ name, type }) => [name, spoken(type, row[name])]))
}

/** The schema's columns that a file has. */
export function columnsOf(schema: StructType, file: Uint8Array): StructType {
  const [root, ...elements] = parquetMetadata(new Uint8Array(file).buffer).schema
  const names = new Set<string>()
  let at = 0
  for (let left = root?.num_children ?? 0; left > 0; left--) {
    names.add(elements[at]!.name)
    for (let inside = 1; inside > 0; inside--) inside += elements[at++]!.num_children ?? 0
  }
  return { type: 'struct', fields: schema.fields.filter(({ name }) => names.has(name)) }
}

function spoken(type: DataType, value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value ?? null
  if (typeof type === 'object') {
    switch (type.type) {
      case 'struct':
        return spokenRow(type, value as ParquetRow)
      case 'array':
        return (value as unknown[]).map((item) => spoken(type.elementType, item))
      case 'map':
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, spoken(type.valueType, item)]))
    }
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (type === 'double' || type === 'float') return spokenDouble(value as number)
  if (decimalOf(type) !== undefined) return value
  return typeof value === 'bigint' || typeof value === 'number' ? String(value) : value
}

function spokenDouble(value: number): string {
  if (Number.isNaN(value)) return 'nan'
  const bits = Buffer.alloc(8)
  bits.writeDoubleBE(value)
  return bits.toString('hex')
}
