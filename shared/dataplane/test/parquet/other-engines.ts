// `node test/parquet/other-engines.ts FOLDER [tables]` writes files of random tables for other_engines.py to read.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { field, struct, type DataType, type ParquetRow, type StructType } from '@silt/core'
import { PlaneParquetWriter } from '../../src/parquet/plane-parquet-writer.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { randomTable } from './random-batch.ts'
import { asRead } from './read-back.ts'

const [folder = 'parquet-files', tables = '200'] = process.argv.slice(2)
mkdirSync(folder, { recursive: true })
const engine = new Engine()

const codecs = ['none', 'zstd', 'snappy', 'lz4_raw'] as const
fc.sample(randomTable({ rowsMax: 60, isCalendar: true }), { numRuns: Number(tables), seed: 20261122 }).forEach(
  ({ schema, rows }, index) => {
    const settings = {
      codec: codecs[index % 4]!,
      pageRowsMax: [1, 5, 20_000][index % 3]!,
      rowGroupRowsMax: [9, 1_000_000][index % 2]!,
    }
    const file = new PlaneParquetWriter(settings, engine).encodeRows(schema, rows)
    const spoken = asRead(schema, rows).map((row) => spokenStruct(schema, row))
    put(`random-${index}`, file, { rows: spoken })
  },
)

const events = Array.from({ length: 50_000 }, (_, i) => ({
  at: BigInt(i) * 1_000_003n,
  user: i % 11 === 0 ? null : `user-${(i * 7919) % 5000}`,
  unique: `id-${i}-${(i * 2654435761) % 4294967296}`,
  count: BigInt((i * 31) % 700),
}))
const eventSchema = struct([
  field('at', 'long'),
  field('user', 'string'),
  field('unique', 'string'),
  field('count', 'long'),
])
for (const bloom of ['user', 'unique', 'count', 'at'])
  put(
    `events-${bloom}`,
    new PlaneParquetWriter({ bloomColumns: [bloom], pageRowsMax: 3000, rowGroupRowsMax: 30_000 }, engine).encodeRows(
      eventSchema,
      events,
    ),
    { bloom, prune: bloom },
  )

function put(name: string, file: Uint8Array, told: object): void {
  writeFileSync(join(folder, `${name}.parquet`), file)
  writeFileSync(join(folder, `${name}.json`), JSON.stringify(told))
}

function spokenStruct(schema: StructType, row: ParquetRow): Record<string, unknown> {
  return Object.fromEntries(schema.fields.map(({ name, type }) => [name, spoken(type, row[name])]))
}

function spoken(type: DataType, value: unknown): unknown {
  if (value === null || value === undefined || typeof value === 'boolean') return value ?? null
  if (typeof type === 'object') {
    switch (type.type) {
      case 'struct':
        return spokenStruct(type, value as ParquetRow)
      case 'array':
        return (value as unknown[]).map((item) => spoken(type.elementType, item))
      case 'map':
        return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, spoken(type.valueType, item)]))
    }
  }
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex')
  if (typeof value === 'number' && Object.is(value, -0)) return '-0.0'
  if (typeof value === 'bigint' || typeof value === 'number') return String(value)
  return value
}
