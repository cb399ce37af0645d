import { type Table, WriterPropertiesBuilder, readParquet, writeParquet } from 'parquet-wasm'
import { decimalOf, type DataType, type ParquetRow, type StructType } from '@silt/core'
import { HyparquetReader } from '@silt/parquet'

/** All rows of a file, as hyparquet reads them. */
export async function rowsOf(file: Uint8Array): Promise<ParquetRow[]> {
  const rows: ParquetRow[] = []
  for await (const group of new HyparquetReader().rows(file)) rows.push(...group)
  return rows
}

/** The file read by parquet-rs and written again by it. */
export function throughParquetRs(file: Uint8Array): Uint8Array {
  const table: Table = readParquet(file)
  return writeParquet(table, new WriterPropertiesBuilder().build())
}

/** What a reader gives of rows that were given to a writer: decimals as text, bytes as bytes, floats as near as they get. */
export function asRead(schema: StructType, rows: readonly ParquetRow[]): ParquetRow[] {
  return rows.map((row) => structAsRead(schema, row))
}

function structAsRead(schema: StructType, row: ParquetRow): ParquetRow {
  return Object.fromEntries(schema.fields.map(({ name, type }) => [name, valueAsRead(type, row[name])]))
}

function valueAsRead(type: DataType, value: unknown): unknown {
  if (value === null || value === undefined) return null
  if (typeof type === 'object') {
    switch (type.type) {
      case 'struct':
        return structAsRead(type, value as ParquetRow)
      case 'array':
        return (value as unknown[]).map((item) => valueAsRead(type.elementType, item))
      case 'map':
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, valueAsRead(type.valueType, item)]))
    }
  }
  if (type === 'float') return Math.fround(value as number)
  if (type === 'binary') return Uint8Array.from(value as Uint8Array)
  const decimal = decimalOf(type)
  return decimal === undefined ? value : decimalAsRead(value as bigint, decimal.scale)
}

function decimalAsRead(unscaled: bigint, scale: number): string {
  const digits = (unscaled < 0n ? -unscaled : unscaled).toString().padStart(scale + 1, '0')
  const split = digits.length - scale
  return `${unscaled < 0n ? '-' : ''}${digits.slice(0, split)}${scale === 0 ? '' : `.${digits.slice(split)}`}`
}
