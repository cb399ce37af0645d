import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { batchOf, field, isSiltError, struct, type StructType } from '@silt/core'
import { ArrowParquetWriter, HyparquetReader, StreamedParquetWriter } from '../../src/index.ts'
import { bothWays, plainRows, sourceOf } from './both-ways.ts'

const map = { type: 'map', keyType: 'string', valueType: 'string', valueContainsNull: true } as const
const schema: StructType = struct([
  field('text', 'string'),
  field('whole', 'long'),
  field('small', 'integer'),
  field('flag', 'boolean'),
  field('real', 'double'),
  field('bytes', 'binary'),
  field('day', 'date'),
  field('at', 'timestamp'),
  field('price', 'decimal(18,3)'),
  field('map', map),
  field('list', { type: 'array', elementType: 'string', containsNull: true }),
  field('file', struct([field('path', 'string'), field('values', map), field('inner', struct([field('n', 'long')]))])),
])

const text = fc.string({ unit: 'grapheme', maxLength: 40 })
// hyparquet's rows lack an entry of that name.
const key = text.filter((each) => each !== '__proto__')
const texts = fc.dictionary(key, fc.option(text), { maxKeys: 3, noNullPrototype: true })
const orNone = <T>(value: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> => fc.option(value, { nil: undefined, freq: 4 })
const long = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const anyRow = fc.record(
  {
    text: orNone(text),
    whole: orNone(long),
    small: orNone(fc.integer()),
    flag: orNone(fc.boolean()),
    real: orNone(fc.double({ noNaN: true })),
    bytes: orNone(fc.uint8Array({ maxLength: 20 })),
    day: orNone(fc.integer({ min: -100_000, max: 100_000 })),
    at: orNone(long),
    price: orNone(fc.bigInt({ min: -(10n ** 18n) + 1n, max: 10n ** 18n - 1n })),
    map: orNone(texts),
    list: orNone(fc.array(fc.option(text), { maxLength: 4 })),
    file: orNone(
      fc.record(
        {
          path: orNone(text),
          values: orNone(texts),
          inner: orNone(fc.record({ n: orNone(long) }, { noNullPrototype: true })),
        },
        { noNullPrototype: true },
      ),
    ),
  },
  { noNullPrototype: true },
)
const anyRows = fc.array(anyRow, { minLength: 1, maxLength: 60 })

type Rows = readonly Readonly<Record<string, unknown>>[]

function streamed(rows: Rows): Uint8Array {
  const file = new StreamedParquetWriter({ rowGroupRowsMax: 20 }).open(schema)
  for (let row = 0; row < rows.length; row += 13) file.write(batchOf(schema, rows.slice(row, row + 13)))
  return file.finish()
}

async function* once<T>(value: T): AsyncGenerator<T> {
  yield value
}

describe('columns', () => {
  it('are read as they were written, by either writer, and as rows are read', async () => {
    await fc.assert(
      fc.asyncProperty(anyRows, async (rows) => {
        const wanted = await plainRows(once(batchOf(schema, rows)))
        for (const file of [streamed(rows), new ArrowParquetWriter({ rowGroupRowsMax: 25 }).encodeRows(schema, rows)]) {
          const [byColumns, byRows] = await bothWays(file, schema)
          expect(byColumns).toEqual(wanted)
          expect(byRows).toEqual(wanted)
        }
      }),
      { numRuns: 80 },
    )
  })

  it('of a damaged file are a named error or other values, whatever byte is wrong or missing', async () => {
    const rows = fc.sample(anyRow, { numRuns: 50, seed: 7 })
    const file = streamed(rows)
    const reader = new HyparquetReader()
    await fc.assert(
      fc.asyncProperty(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), fc.boolean(), async (at, by, cut) => {
        const damaged = cut ? file.slice(0, at) : file.slice()
        if (!cut) damaged[at] = (damaged[at] as number) ^ by
        try {
          await plainRows(reader.batches(sourceOf(damaged), schema))
        } catch (error) {
          expect(isSiltError(error, 'parquet/unreadable')).toBe(true)
        }
      }),
      { numRuns: 1500 },
    )
  })

  it('that a file lacks are null', async () => {
    const file = new StreamedParquetWriter().open(struct([field('a', 'long')]))
    file.write(batchOf(struct([field('a', 'long')]), [{ a: 1 }, {}]))
    const source = sourceOf(file.finish())
    const reader = new HyparquetReader()
    const wider = struct([field('a', 'long'), field('b', struct([field('c', 'string')]))])
    expect(await plainRows(reader.batches(source, wider))).toEqual([{ a: 1 }, {}])
  })
})

const golden = resolve(import.meta.dirname, '../../../../../shared/golden')
const here = existsSync(golden)
if (!here) console.warn(`checkpoints of other engines: not run, there is no ${golden}`)

describe.runIf(here)('checkpoints of other engines', () => {
  const files = here
    ? readdirSync(golden, { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile() && /_delta_log.*\.parquet$/.test(join(entry.parentPath, entry.name)))
        .map((entry) => join(entry.parentPath, entry.name))
    : []

  it('are read by columns as by rows', async () => {
    let compared = 0
    for (const path of files) {
      const file = readFileSync(path)
      // Some are broken on purpose.
      if (file.subarray(-4).toString() !== 'PAR1') continue
      const [byColumns, byRows] = await bothWays(file)
      expect(byColumns, path).toEqual(byRows)
      compared++
    }
    expect(compared).toBeGreaterThan(15)
  })
})
