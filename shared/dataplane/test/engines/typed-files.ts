import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { field, struct, type PrimitiveType } from '@silt/core'
import { PlaneParquetWriter } from '../../src/parquet/plane-parquet-writer.ts'
import { writeTableCases } from './cases.ts'
import { spokenRow } from './spoken.ts'
import { asRead } from '../parquet/read-back.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { loadPlane } from '../../src/wasm/load.ts'

export const rowCount = 20_000
export const pageRows = 500

const primitives: readonly (readonly [string, PrimitiveType])[] = [
  ...([
    ['at', 'long'],
    ['text', 'string'],
    ['id', 'string'],
    ['int', 'integer'],
    ['short', 'short'],
  ] as const),
  ...([
    ['byte', 'byte'],
    ['double', 'double'],
    ['float', 'float'],
    ['flag', 'boolean'],
    ['day', 'date'],
  ] as const),
  ...([
    ['stamp', 'timestamp'],
    ['local', 'timestamp_ntz'],
    ['price', 'decimal(9,2)'],
    ['sum', 'decimal(18,4)'],
  ] as const),
  ...([
    ['wide', 'decimal(38,10)'],
    ['content', 'binary'],
    ['kind', 'string'],
  ] as const),
]
const schema = struct([
  ...primitives.map(([name, type]) => field(name, type)),
  field('tags', { type: 'array', elementType: 'string', containsNull: true }),
  field('inner', struct([field('x', 'long'), field('y', 'string')])),
  field('scores', { type: 'map', keyType: 'string', valueType: 'double', valueContainsNull: true }),
])

/** Every type, ordered by `at`; nulls in all columns but those that filters look at. */
const rows = Array.from({ length: rowCount }, (_, i) => {
  const some = <T>(value: T): T | null => (i % 7 === 3 ? null : value)
  return {
    at: BigInt(i),
    text: `text ${String(i).padStart(6, '0')}`,
    id: `id ${(i * 7919) % rowCount}`,
    int: some(i * 100_003 - 2 ** 30),
    short: some((i % 65_536) - 32_768),
    byte: some((i % 256) - 128),
    double: some((i - 500) / 8),
    float: some((i - 500) / 4),
    flag: some(i % 2 === 0),
    day: some(i - 25_567),
    stamp: some(BigInt(i) * 86_400_000_123n - 2_208_988_800_000_000n),
    local: some(BigInt(i) * 1_000_003n),
    price: some(BigInt(i * 31 - 999_999)),
    sum: some(BigInt(i) * 99_999_999_999n),
    wide: some(BigInt(i) * 10n ** 30n),
    content: some(Buffer.from(`bytes ${i % 1000}`)),
    kind: some(`kind ${i % 5}`),
    tags: some(i % 3 === 0 ? [] : [`t${i % 10}`, null]),
    inner: some({ x: BigInt(i), y: null }),
    scores: some({ a: i / 2, b: null }),
  }
})

/** Files of every type, of random tables, and one whose writer names itself badly: what tests/spark/read_with_spark.py reads. */
export async function writeTypedFiles(folder: string, randomTables: number, seed: number): Promise<void> {
  await mkdir(folder, { recursive: true })
  const engine = new Engine(loadPlane('simd'))
  const settings = { pageRowsMax: pageRows, rowGroupRowsMax: rowCount / 4, bloomColumns: ['id'] }
  await writeFile(join(folder, 'types.parquet'), new PlaneParquetWriter(settings, engine).encodeRows(schema, rows))
  const told = { rows: asRead(schema, rows).map((row) => spokenRow(schema, row)) }
  await writeFile(join(folder, 'types.table.json'), JSON.stringify(told))
  const unnamed = new PlaneParquetWriter({ createdBy: 'someone' }, engine)
  await writeFile(join(folder, 'unnamed.parquet'), unnamed.encodeRows(schema, rows.slice(0, 100)))
  await writeTableCases(folder, randomTables, seed, [engine, new Engine(loadPlane('scalar'))])
}

/** The count of `types.parquet` and the bounds of its numbers, as Spark spells them. */
export function expectedBounds(): string[] {
  const bounds = (
    name: 'at' | 'int' | 'short' | 'byte' | 'day' | 'double' | 'float',
    spell: (value: number) => string,
  ) => {
    const values = rows.flatMap((row) => (row[name] === null ? [] : [Number(row[name])]))
    return [Math.min, Math.max].map((side) => spell(values.reduce((left, right) => side(left, right))))
  }
  const day = (value: number): string => new Date(value * 86_400_000).toISOString().slice(0, 10)
  const fraction = (value: number): string => (Number.isInteger(value) ? value.toFixed(1) : String(value))
  return [
    String(rowCount),
    ...(['at', 'int', 'short', 'byte'] as const).flatMap((name) => bounds(name, String)),
    ...bounds('day', day),
    ...(['double', 'float'] as const).flatMap((name) => bounds(name, fraction)),
  ]
}
