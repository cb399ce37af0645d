import { describe, expect, it } from 'vitest'
import { field, struct, type ColumnBatch, type DataType, type ParquetRow } from '@silt/core'
import { PlaneParquetWriter } from '../../src/parquet/plane-parquet-writer.ts'
import type { ParquetSettings } from '../../src/parquet/settings.ts'
import { Engine } from '../../src/wasm/engine.ts'
import { metadataOf, pageIndexOf } from './file-index.ts'
import { rowsOf, throughParquetRs } from './read-back.ts'

interface Written {
  readonly file: Uint8Array
  readonly rows: readonly ParquetRow[]
  readonly encodings: readonly string[]
  readonly pageCount: number
}

function written(type: DataType, values: readonly unknown[], settings: Partial<ParquetSettings> = {}): Written {
  const schema = struct([field('c', type)])
  const rows = values.map((c) => ({ c }))
  const file = new PlaneParquetWriter(settings).encodeRows(schema, rows)
  const [chunk] = metadataOf(file).row_groups[0]!.columns
  const { offset } = pageIndexOf(file, chunk!, type)
  return { file, rows, encodings: chunk!.meta_data!.encodings, pageCount: offset!.page_locations.length }
}

async function expectRead({ file, rows }: Written): Promise<void> {
  expect(await rowsOf(file)).toEqual(rows)
  expect(await rowsOf(throughParquetRs(file))).toEqual(rows)
}

const count = (length: number) => Array.from({ length }, (_, index) => index)

describe('rows given as objects', () => {
  it('have null where they lack a key, also where every object has something of that name', async () => {
    const names = ['constructor', 'toString', '__proto__']
    const inner = struct(names.map((name) => field(name, 'string')))
    const schema = struct([...inner.fields, field('s', inner)])
    const given = JSON.parse('{"toString":"a","__proto__":"b"}') as ParquetRow
    const file = new PlaneParquetWriter().encodeRows(schema, [{}, { ...given, s: given }])
    const [none, some] = await rowsOf(file)
    expect(names.map((name) => Object.entries(none!).find(([key]) => key === name)?.[1] ?? null)).toEqual([
      null,
      null,
      null,
    ])
    expect(some).toMatchObject({ toString: 'a', s: { toString: 'a' } })
  })
})

describe('a dictionary of strings', () => {
  it('stays while values repeat', async () => {
    const few = written(
      'string',
      count(5000).map((i) => (i % 7 === 0 ? null : `value ${i % 100}`)),
    )
    expect(few.encodings).toContain('RLE_DICTIONARY')
    await expectRead(few)
  })

  it('is dropped where values do not repeat, early and at the end of the first page', async () => {
    for (const length of [100, 40_000]) {
      const unique = written(
        'string',
        count(length).map((i) => `value number ${i}`),
      )
      expect(unique.encodings).not.toContain('RLE_DICTIONARY')
      await expectRead(unique)
    }
  })

  it('takes no more pages once it is large, and stays for those that have left', async () => {
    const large = written(
      'string',
      count(24_000).map((i) => `${'x'.repeat(400)}${i < 12_000 ? i % 1000 : i}`),
      { pageRowsMax: 12_000 },
    )
    expect(large.encodings).toEqual(expect.arrayContaining(['RLE_DICTIONARY', 'PLAIN']))
    expect(large.pageCount).toBeGreaterThan(2)
    await expectRead(large)
  })

  it('begins with the first page that has values', async () => {
    const late = written('string', [...count(20).map(() => null), ...count(500).map((i) => `v${i % 5}`)], {
      pageRowsMax: 10,
    })
    expect(late.encodings).toContain('RLE_DICTIONARY')
    await expectRead(late)
  })
})

describe('numbers', () => {
  it('that are few are indices, those that climb are differences, the others themselves', async () => {
    const few = written(
      'double',
      count(9000).map((i) => (i % 10) / 3),
    )
    const climbing = written(
      'long',
      count(9000).map((i) => 2n ** 60n + BigInt(i)),
    )
    const wild = written(
      'long',
      count(9000).map((i) => BigInt.asIntN(64, BigInt(i) ** 3n * 0x9e3779b97f4a7c15n)),
    )
    expect(few.encodings).toContain('RLE_DICTIONARY')
    expect(climbing.encodings).toEqual(['RLE', 'DELTA_BINARY_PACKED'])
    expect(wild.encodings).toEqual(expect.arrayContaining(['PLAIN']))
    expect(wild.encodings).not.toContain('DELTA_BINARY_PACKED')
    for (const each of [few, climbing, wild]) await expectRead(each)
  })

  it('are differences of every width', async () => {
    for (const bits of [1n, 7n, 31n, 33n, 56n, 57n, 58n, 59n, 60n, 61n, 62n]) {
      let value = 0n
      const climbing = count(700).map((i) => {
        value = BigInt.asIntN(64, value + ((BigInt(i + 1) ** 3n * 0x9e3779b97f4a7c15n) & ((1n << bits) - 1n)))
        return value
      })
      const each = written('long', climbing)
      if (bits > 8n) expect(each.encodings).toContain('DELTA_BINARY_PACKED')
      await expectRead(each)
    }
  })

  it('as differences wrap around', async () => {
    const ends = [2n ** 63n - 1n, -(2n ** 63n)]
    await expectRead(
      written(
        'long',
        count(3000).map((i) => (i % 9 === 0 ? ends[i % 2] : BigInt(i))),
      ),
    )
  })

  it('that stop repeating leave the dictionary to the pages before', async () => {
    const stopping = written(
      'integer',
      count(20_000).map((i) => (i < 10_000 ? i % 50 : i * 7919)),
      {
        pageRowsMax: 5000,
      },
    )
    expect(stopping.encodings).toEqual(expect.arrayContaining(['RLE_DICTIONARY', 'PLAIN']))
    await expectRead(stopping)
  })
})

describe('pages', () => {
  it('end with a row at a mebibyte, also where one value is larger', async () => {
    const big = 'y'.repeat(3 << 20)
    const sized = written('string', [big, 'a', null, `${big}z`, ...count(40).map((i) => `${'w'.repeat(200_000)}${i}`)])
    expect(sized.pageCount).toBeGreaterThan(7)
    await expectRead(sized)
  })

  it('hold levels of any length', async () => {
    const list: DataType = { type: 'array', elementType: 'integer', containsNull: true }
    const long = count(300_000).map((i) => (i % 3 === 0 ? null : i % 4))
    const wide = written(list, [long, [], null, [null], long], { codec: 'snappy' })
    expect(wide.pageCount).toBeLessThanOrEqual(3)
    await expectRead(wide)
  })

  it('hold booleans as bits', async () => {
    await expectRead(
      written(
        'boolean',
        count(100_003).map((i) => (i % 5 === 0 ? null : i % 3 === 0)),
      ),
    )
  })
})

describe('row groups', () => {
  it('end by rows and by bytes', async () => {
    const values = count(30_000).map((i) => `${(i * 2654435761) % 4294967296} ${i}`)
    const schema = struct([field('c', 'string')])
    const rows = values.map((c) => ({ c }))
    for (const settings of [{ rowGroupRowsMax: 10_000 }, { rowGroupBytesMax: 200_000 }]) {
      const file = new PlaneParquetWriter(settings).encodeRows(schema, rows)
      expect(metadataOf(file).row_groups.length).toBeGreaterThan(1)
      expect(await rowsOf(file)).toEqual(rows)
    }
  })

  it('are none in a file without rows', async () => {
    const file = new PlaneParquetWriter().encodeRows(struct([field('c', 'string')]), [])
    expect(metadataOf(file).row_groups).toEqual([])
    expect(await rowsOf(file)).toEqual([])
  })
})

describe('what does not fit', () => {
  const schema = struct([field('c', 'decimal(4,1)', false)])
  const batch = (values: bigint[], validity?: Uint8Array): ColumnBatch => ({
    schema,
    rowCount: values.length,
    columns: [
      {
        kind: 'long',
        length: values.length,
        nullCount: validity === undefined ? 0 : 1,
        ...(validity === undefined ? {} : { validity }),
        values: BigInt64Array.from(values),
      },
    ],
  })

  it('is refused by the name of its column, and the next file is whole again', async () => {
    const writer = new PlaneParquetWriter()
    expect(() => writer.encode(batch([2n ** 40n]))).toThrow(
      expect.objectContaining({ code: 'parquet/value-does-not-fit' }),
    )
    expect(() => writer.encode(batch([1n, 2n], Uint8Array.of(1)))).toThrow(
      expect.objectContaining({ code: 'parquet/value-does-not-fit', context: { path: 'c' } }),
    )
    expect(await rowsOf(writer.encode(batch([-15n])))).toEqual([{ c: '-1.5' }])
  })

  it('is a setting out of bounds, all at once', () => {
    expect(() => new PlaneParquetWriter({ zstdLevel: 0, pageRowsMax: 0.5 })).toThrow(/zstdLevel.*pageRowsMax/)
  })
})

describe('batches', () => {
  it('of a few large values among many small ones are read back, and the plane stays small', async () => {
    const engine = new Engine()
    const values = count(6000).map((i) => (i % 500 === 0 ? `${i}`.repeat(1 << 20) : `small ${i}`))
    const schema = struct([field('c', 'string')])
    const rows = values.map((c) => ({ c }))
    const file = new PlaneParquetWriter({}, engine).encodeRows(schema, rows)
    expect(await rowsOf(file)).toEqual(rows)
    expect(engine.touchedBytes).toBeLessThan(96 << 20)
  })

  it('one after another leave the plane as large as the largest made it', () => {
    const engine = new Engine()
    const writer = new PlaneParquetWriter({}, engine)
    const schema = struct([field('a', 'string'), field('b', 'long'), field('c', 'double')])
    const rows = count(20_000).map((i) => ({
      a: `value ${i % 3000}`,
      b: BigInt(i % 17),
      c: i % 2 === 0 ? null : i / 3,
    }))
    // Of the first, blocks that all leaves share stay taken.
    for (let file = 0; file < 2; file++) writer.encodeRows(schema, rows)
    const touched = engine.touchedBytes
    for (let file = 0; file < 20; file++) writer.encodeRows(schema, rows)
    expect(engine.touchedBytes).toBe(touched)
  })
})
