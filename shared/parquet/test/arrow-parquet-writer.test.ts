import { parquetMetadata } from 'hyparquet'
import { describe, expect, it } from 'vitest'
import { field, struct, type DataType, type ParquetRow } from '@silt/core'
import { ArrowParquetWriter, HyparquetReader, footerRowCount } from '../src/index.ts'
import {
  batchOf,
  booleanVector,
  bytesVector,
  doubleVector,
  integerVector,
  listVector,
  longVector,
  structVector,
} from './vectors.ts'

async function read(file: Uint8Array, columns?: readonly string[]): Promise<ParquetRow[]> {
  const rows: ParquetRow[] = []
  for await (const group of new HyparquetReader().rows(file, columns === undefined ? {} : { columns }))
    rows.push(...group)
  return rows
}

function metadataOf(file: Uint8Array) {
  return parquetMetadata(new Uint8Array(file).buffer)
}

describe('encode', () => {
  it('keeps every kind of value, nulls in every column', async () => {
    const headers: DataType = {
      type: 'array',
      elementType: struct([field('key', 'string'), field('value', 'binary')]),
      containsNull: true,
    }
    const batch = batchOf([
      ['s', 'string', bytesVector('string', ['', null, 'é😀'])],
      ['b', 'binary', bytesVector('binary', [Uint8Array.of(0xff, 0), Uint8Array.of(), null])],
      ['l', 'long', longVector('long', [9007199254740993n, null, -(2n ** 63n)])],
      ['t', 'timestamp', longVector('timestamp', [null, 1_700_000_000_123_456n, -1n])],
      ['i', 'integer', integerVector('integer', [-1, 2, null])],
      ['d', 'date', integerVector('date', [-1, null, 2_932_896])],
      ['f', 'double', doubleVector([0.1, -0, null])],
      ['o', 'boolean', booleanVector([true, null, false])],
      [
        'h',
        headers,
        listVector(
          [2, null, 0],
          structVector(
            [true, true],
            [bytesVector('string', ['a', 'b']), bytesVector('binary', [null, Uint8Array.of(1)])],
          ),
        ),
      ],
    ])
    expect(await read(new ArrowParquetWriter().encode(batch))).toEqual([
      {
        ...{ s: '', b: Uint8Array.of(0xff, 0), l: 9007199254740993n, t: null, i: -1, d: -1, f: 0.1, o: true },
        h: [
          { key: 'a', value: null },
          { key: 'b', value: Uint8Array.of(1) },
        ],
      },
      { s: null, b: Uint8Array.of(), l: null, t: 1_700_000_000_123_456n, i: 2, d: null, f: -0, o: null, h: null },
      { s: 'é😀', b: null, l: -(2n ** 63n), t: -1n, i: null, d: 2_932_896, f: null, o: false, h: [] },
    ])
  })

  it('narrows the columns of adopted tables', async () => {
    const batch = batchOf([
      ['f', 'float', doubleVector([1.5, null])],
      ['s', 'short', integerVector('integer', [-32768, null])],
      ['y', 'byte', integerVector('integer', [127, null])],
      ['m', 'decimal(10,2)', longVector('long', [-1234567890n, null])],
      ['n', 'timestamp_ntz', longVector('timestamp', [5n, null])],
    ])
    expect(await read(new ArrowParquetWriter().encode(batch))).toEqual([
      { f: 1.5, s: -32768, y: 127, m: '-12345678.90', n: 5n },
      { f: null, s: null, y: null, m: null, n: null },
    ])
  })

  it('annotates as other engines expect, and always compresses with zstd', () => {
    const writer = new ArrowParquetWriter()
    const batch = batchOf([
      ['t', 'timestamp', longVector('timestamp', [1n])],
      ['d', 'date', integerVector('date', [1])],
      ['s', 'string', bytesVector('string', ['x'])],
    ])
    for (let call = 0; call < 3; call++) {
      const { schema, row_groups } = metadataOf(writer.encode(batch))
      expect(schema[1]).toMatchObject({
        type: 'INT64',
        logical_type: { type: 'TIMESTAMP', isAdjustedToUTC: true, unit: 'MICROS' },
      })
      expect(schema[2]).toMatchObject({ type: 'INT32', converted_type: 'DATE' })
      expect(schema[3]).toMatchObject({ type: 'BYTE_ARRAY', converted_type: 'UTF8' })
      for (const column of row_groups[0]!.columns) expect(column.meta_data?.codec).toBe('ZSTD')
    }
  })

  it('cuts row groups by rows and reads them one at a time', async () => {
    const rowCount = 2500
    const batch = batchOf([
      [
        'l',
        'long',
        longVector(
          'long',
          Array.from({ length: rowCount }, (_, row) => BigInt(row)),
        ),
      ],
    ])
    const file = new ArrowParquetWriter({ rowGroupRowsMax: 1000 }).encode(batch)
    const sizes: number[] = []
    for await (const group of new HyparquetReader().rows(file)) sizes.push(group.length)
    expect(sizes).toEqual([1000, 1000, 500])
    expect((await read(file)).map((row) => row['l'])).toEqual(Array.from({ length: rowCount }, (_, row) => BigInt(row)))
    expect(footerRowCount(file)).toBe(rowCount)
  })

  it('leaves the dictionary where long texts never repeat', () => {
    const unique = Array.from({ length: 1000 }, (_, row) => `${row}`.padStart(80, 'x'))
    const encodings = (values: string[]): unknown =>
      metadataOf(new ArrowParquetWriter().encode(batchOf([['s', 'string', bytesVector('string', values)]])))
        .row_groups[0]!.columns[0]!.meta_data?.encodings
    expect(encodings(unique)).not.toContain('RLE_DICTIONARY')
    expect(encodings(unique.map(() => 'y'.repeat(80)))).toContain('RLE_DICTIONARY')
  })

  it('writes a file without rows', async () => {
    const file = new ArrowParquetWriter().encode(batchOf([['s', 'string', bytesVector('string', [])]]))
    expect(await read(file)).toEqual([])
    expect(footerRowCount(file)).toBe(0)
  })

  it('refuses a batch that contradicts itself', () => {
    const writer = new ArrowParquetWriter()
    const batch = batchOf([['s', 'string', bytesVector('string', ['x'])]])
    expect(() => writer.encode({ ...batch, rowCount: 2 })).toThrow(/rowCount/)
    expect(() => writer.encode({ ...batch, columns: [longVector('long', [1n])] })).toThrow(/does not carry/)
  })

  it('holds no memory of the files it wrote', () => {
    const writer = new ArrowParquetWriter()
    const batch = batchOf([
      [
        's',
        'string',
        bytesVector(
          'string',
          Array.from({ length: 2000 }, (_, row) => `value ${row}`),
        ),
      ],
    ])
    const first = writer.encode(batch)
    for (let call = 0; call < 20; call++) expect(writer.encode(batch)).toEqual(first)
  })
})

const stringMap: DataType = { type: 'map', keyType: 'string', valueType: 'string', valueContainsNull: true }
const stringList: DataType = { type: 'array', elementType: 'string', containsNull: true }
const checkpointSchema = struct([
  field(
    'add',
    struct([
      field('path', 'string'),
      field('partitionValues', stringMap),
      field('size', 'long'),
      field('dataChange', 'boolean'),
      field('tags', stringMap),
    ]),
  ),
  field(
    'metaData',
    struct([
      field('id', 'string'),
      field('format', struct([field('provider', 'string'), field('options', stringMap)])),
      field('partitionColumns', stringList),
    ]),
  ),
  field('txn', struct([field('appId', 'string'), field('version', 'long')])),
])

describe('encodeRows', () => {
  it('keeps nested rows, with nulls at every level', async () => {
    const rows = [
      {
        add: {
          path: 'a',
          partitionValues: { event_date: '2026-11-22', x: null },
          size: 9007199254740993n,
          dataChange: true,
          tags: new Map([['k', 'v']]),
        },
      },
      { add: { path: 'b', partitionValues: {}, size: 5 } },
      { metaData: { id: 'i', format: { provider: 'parquet', options: {} }, partitionColumns: ['event_date'] } },
      { metaData: { id: 'j', format: null, partitionColumns: [] }, ignored: 1 },
      { txn: { appId: 'silt:t', version: 12n } },
      {},
    ]
    const none = { add: null, metaData: null, txn: null }
    expect(await read(new ArrowParquetWriter().encodeRows(checkpointSchema, rows))).toEqual([
      { ...none, add: { ...rows[0]!.add, tags: { k: 'v' } } },
      { ...none, add: { path: 'b', partitionValues: {}, size: 5n, dataChange: null, tags: null } },
      { ...none, metaData: rows[2]!.metaData },
      { ...none, metaData: rows[3]!.metaData },
      { ...none, txn: rows[4]!.txn },
      none,
    ])
  })

  it('lays maps and lists out as Parquet specifies', () => {
    const { schema } = metadataOf(new ArrowParquetWriter().encodeRows(checkpointSchema, [{}]))
    const names = schema.map((element) => element.name)
    const map = names.indexOf('partitionValues')
    expect(schema[map]).toMatchObject({ converted_type: 'MAP', num_children: 1 })
    expect(schema[map + 1]).toMatchObject({ name: 'key_value', repetition_type: 'REPEATED' })
    expect(schema[map + 2]).toMatchObject({ name: 'key', repetition_type: 'REQUIRED' })
    expect(schema[map + 3]).toMatchObject({ name: 'value', repetition_type: 'OPTIONAL' })
    const list = names.indexOf('partitionColumns')
    expect(schema[list]).toMatchObject({ converted_type: 'LIST' })
    expect(schema[list + 1]).toMatchObject({ name: 'list', repetition_type: 'REPEATED' })
    expect(schema[list + 2]).toMatchObject({ name: 'element', repetition_type: 'OPTIONAL' })
  })

  it.each([
    ['text for a long', 'long', '1'],
    ['an unsafe number for a long', 'long', 2 ** 53],
    ['65 bits for a long', 'long', 2n ** 63n],
    ['a fraction for an integer', 'integer', 1.5],
    ['too much for a short', 'short', 32768],
    ['a number for text', 'string', 1],
    ['text for bytes', 'binary', 'x'],
    ['a number for a boolean', 'boolean', 1],
    ['a date object for a timestamp', 'timestamp', new Date(0)],
    ['too fine a decimal', 'decimal(4,1)', '1.25'],
    ['an object for a list', stringList, {}],
    ['a list for a map', stringMap, []],
  ] as const)('refuses %s and names the column', (_name, type, value) => {
    const schema = struct([field('outer', struct([field('inner', type)]))])
    expect(() => new ArrowParquetWriter().encodeRows(schema, [{ outer: { inner: value } }])).toThrow(/outer\.inner/)
  })
})

describe('HyparquetReader', () => {
  const file = new ArrowParquetWriter().encodeRows(checkpointSchema, [{ txn: { appId: 'a', version: 1n } }])

  it('reads the columns asked for; one the file lacks is null', async () => {
    expect(await read(file, ['txn', 'missing'])).toEqual([{ txn: { appId: 'a', version: 1n }, missing: null }])
    expect(await read(file, ['missing'])).toEqual([{ missing: null }])
  })

  it('reads a file that is a view into a larger buffer', async () => {
    const larger = Buffer.concat([Buffer.from('before'), file, Buffer.from('after')])
    expect(await read(larger.subarray(6, 6 + file.length), ['txn'])).toEqual([{ txn: { appId: 'a', version: 1n } }])
  })

  it.each([
    ['nothing', new Uint8Array(0)],
    ['text', Buffer.from('not a parquet file at all')],
    ['a file cut short', file.subarray(0, file.length - 10)],
    ['a damaged page', Uint8Array.from(file, (byte, at) => (at > 3 && at < 60 ? byte ^ 0x55 : byte))],
  ])('calls %s unreadable', async (_name, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: 'parquet/unreadable', kind: 'data' })
  })
})
