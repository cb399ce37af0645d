import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import fc from 'fast-check'
import { readParquet } from 'parquet-wasm'
import {
  assert,
  field,
  struct,
  type ColumnBatch,
  type EncodedUnit,
  type EncodeSpec,
  type RecordSlab,
  type StructType,
} from '@silt/core'
import { PlaneParquetWriter } from '../../src/parquet/plane-parquet-writer.ts'
import { rowVectors } from '../../src/parquet/row-vectors.ts'
import type { ParquetSettings } from '../../src/parquet/settings.ts'
import { PlaneEncoder } from '../../src/unit/plane-encoder.ts'
import type { Engine } from '../../src/wasm/engine.ts'
import { randomTable } from '../parquet/random-batch.ts'
import { asRead, rowsOf } from '../parquet/read-back.ts'
import { Seeded } from '../scan/random.ts'
import { planeSlabOf } from '../unit/records.ts'
import { randomUnit } from '../unit/random-unit.ts'
import { columnsOf, spokenRow } from './spoken.ts'

/** One of each build: their files must be the same byte for byte. */
export type Engines = readonly [Engine, Engine]

const codecs = ['zstd', 'snappy', 'lz4_raw', 'none'] as const

/** A unit of a random table, encoded, with its files read by hyparquet and parquet-rs: case `<name>.event.json` of check_engines.py. */
export async function writeEventCase(folder: string, name: string, seed: number, engines: Engines): Promise<void> {
  const random = new Seeded(seed)
  const given = randomUnit(random)
  const spec = { ...given.spec, schema: withNested(random, given.spec.schema) }
  const settings = randomSettings(random, spec.schema)
  const condemnedFrom = given.condemnedFrom ?? given.slabs.length
  const [unit, other] = await Promise.all(
    engines.map((engine) => encoded(new PlaneEncoder({ engine, settings, limits: { partitionsMax: 1000 } }))),
  )
  assert(unit !== undefined && isDeepStrictEqual(unit, other), `seed ${seed}: both builds make the same of a unit`)

  async function encoded(encoder: PlaneEncoder): Promise<EncodedUnit> {
    const session = await encoder.open(spec)
    for (const [index, slab] of given.slabs.entries()) {
      const placed = (seed + index) % 2 === 0 ? planeSlabOf(encoder.engine, slab) : undefined
      const pushed = placed?.slab ?? { ...slab, bytes: new Uint8Array(slab.bytes) }
      if (index < condemnedFrom) assert((await session.push(pushed)) === 'more', 'a unit with room')
      else await session.condemn(pushed, 'detail')
      placed?.end()
    }
    const ranges = new Map<number, { partition: number; start: number; endExclusive: number }>()
    for (const { partition, start, nextOffset } of given.slabs)
      ranges.set(partition, { partition, start: ranges.get(partition)?.start ?? start, endExclusive: nextOffset })
    return session.finish([...ranges.values()])
  }

  const files: object[] = []
  for (const [index, { partitionValues, bytes, stats }] of unit.files.entries()) {
    const date = partitionValues['event_date']
    const day = typeof date === 'string' ? Date.parse(date) / 86_400_000 : null
    const path = await writeFile(folder, `${name}-${index}`, unit.schema, bytes)
    files.push({ path, day, stats })
  }
  const [dead] = unit.deadLetterFiles
  const deadLetters = dead === undefined ? null : await writeFile(folder, `${name}-dead`, deadLetterShape, dead.bytes)
  const told = {
    ...{ spec: toldSpec(spec), schema: unit.schema.fields.map(toldField), files, deadLetters },
    records: given.slabs.flatMap((slab, index) => recordsOf(slab, index >= condemnedFrom)),
  }
  writeFileSync(join(folder, `${name}.event.json`), JSON.stringify(told))
}

/** Files of `count` random tables with nested types and every primitive one, by the batch import: cases `<name>.table.json`. */
export async function writeTableCases(folder: string, count: number, seed: number, engines: Engines): Promise<void> {
  const random = new Seeded(seed)
  const tables = fc.sample(randomTable({ rowsMax: 60, isCalendar: true }), { numRuns: count, seed })
  for (const [index, { schema, rows }] of tables.entries()) {
    const settings = randomSettings(random, schema)
    const batch = rowVectors(schema, rows) as ColumnBatch
    const [file, other] = engines.map((engine) => new PlaneParquetWriter(settings, engine).encodeFile(batch))
    assert(file !== undefined && isDeepStrictEqual(file, other), `table ${index}: both builds make the same file`)
    const name = `table-${index}`
    await writeFile(folder, name, schema, file.bytes)
    const spoken = asRead(schema, rows).map((row) => spokenRow(schema, row))
    const told = { rows: spoken, fields: schema.fields.map(toldField), stats: file.stats }
    writeFileSync(join(folder, `${name}.table.json`), JSON.stringify(told))
  }
}

/** Files with a page index, each with a Bloom filter of another column: cases `<name>.filter.json`. */
export function writeFilterCases(folder: string, engine: Engine): void {
  const rows = Array.from({ length: 50_000 }, (_, i) => ({
    at: BigInt(i) * 1_000_003n,
    user: i % 11 === 0 ? null : `user-${(i * 7919) % 5000}`,
    unique: `id-${i}-${(i * 2654435761) % 4294967296}`,
    count: BigInt((i * 31) % 700),
  }))
  const schema = struct([
    field('at', 'long'),
    field('user', 'string'),
    field('unique', 'string'),
    field('count', 'long'),
  ])
  for (const { name: column } of schema.fields) {
    const settings = { bloomColumns: [column], pageRowsMax: 3000, rowGroupRowsMax: 30_000 }
    writeFileSync(
      join(folder, `by-${column}.parquet`),
      new PlaneParquetWriter(settings, engine).encodeRows(schema, rows),
    )
    writeFileSync(join(folder, `by-${column}.filter.json`), JSON.stringify({ column }))
  }
}

/** The file, and beside it what hyparquet and parquet-rs read in it. */
async function writeFile(folder: string, name: string, schema: StructType, bytes: Uint8Array): Promise<string> {
  writeFileSync(join(folder, `${name}.parquet`), bytes)
  const rows = await rowsOf(bytes)
  const columns = columnsOf(schema, bytes)
  writeFileSync(
    join(folder, `${name}.hyparquet.json`),
    JSON.stringify(
      rows.map((row) => {
        assert(Object.keys(row).length === columns.fields.length, 'the columns of the file')
        return spokenRow(columns, row)
      }),
    ),
  )
  writeFileSync(join(folder, `${name}.arrows`), readParquet(bytes).intoIPCStream())
  return `${name}.parquet`
}

function randomSettings(random: Seeded, schema: StructType): Partial<ParquetSettings> {
  return {
    codec: random.pick(codecs),
    zstdLevel: random.pick([1, 1, 3, 19]),
    pageRowsMax: random.pick([20_000, 10, 3, 1]),
    rowGroupRowsMax: random.pick([1_000_000, 1_000_000, 50, 7]),
    pageIndex: !random.once(4),
    bloomColumns: schema.fields.filter(() => random.once(3)).map(({ name }) => name),
  }
}

/** Now and then with a column that JSON never fills. */
function withNested(random: Seeded, { fields }: StructType): StructType {
  if (!random.once(4)) return struct(fields)
  const nested = { type: 'array', elementType: struct([field('x', 'long')]), containsNull: true } as const
  return struct([...fields, field('nested', nested)])
}

const deadLetterShape = struct([
  ...[
    field('_topic', 'string'),
    field('_topic_id', 'string'),
    field('_partition', 'integer'),
    field('_offset', 'long'),
  ],
  ...[field('_kafka_timestamp', 'timestamp'), field('key', 'binary'), field('value', 'binary')],
  field('headers', {
    type: 'array',
    elementType: struct([field('key', 'string'), field('value', 'binary')]),
    containsNull: true,
  }),
  ...[field('reason', 'string'), field('detail', 'string'), field('failed_at', 'timestamp')],
])

function toldSpec({ schema, ...spec }: EncodeSpec): object {
  return { ...spec, fields: schema.fields.map(toldField) }
}

function toldField({ name, type }: StructType['fields'][number]): object {
  return { name, type }
}

function recordsOf(slab: RecordSlab, condemned: boolean): object[] {
  const bytes = (starts: Int32Array, ends: Int32Array, index: number): string | null =>
    starts[index]! < 0 ? null : Buffer.from(slab.bytes.subarray(starts[index], ends[index])).toString('base64')
  return Array.from({ length: slab.count }, (_, index) => ({
    partition: slab.partition,
    offset: slab.offsets[index],
    timestampMs: slab.timestampsMs[index],
    key: bytes(slab.keyStarts, slab.keyEnds, index),
    value: bytes(slab.valueStarts, slab.valueEnds, index),
    headers: bytes(slab.headerStarts, slab.headerEnds, index),
    oversized: slab.oversized.get(index) ?? null,
    condemned,
  }))
}
