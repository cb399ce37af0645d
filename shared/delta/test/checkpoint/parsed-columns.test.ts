import { describe, expect, it } from 'vitest'
import { field, struct, type StructType } from '@silt/core'
import { HyparquetReader, StreamedParquetWriter } from '@silt/parquet'
import { checkTable, commitKey, loadSnapshot, writeCheckpoint } from '../../src/index.ts'
import { parsedColumns } from '../../src/checkpoint/parsed-columns.ts'
import { typedPartitionValue, typedStatistic } from '../../src/checkpoint/typed-values.ts'
import { classicCheckpointKey } from '../../src/log/file-names.ts'
import { add, append, makeTable, remove } from '../support/table.ts'
import { TestStore } from '../support/test-store.ts'

const reader = new HyparquetReader()
const writer = new StreamedParquetWriter()

const schema: StructType = struct([
  field('id', 'long'),
  field('at', 'timestamp'),
  field('day', 'date'),
  field('price', 'decimal(10,2)'),
  field('ok', 'boolean'),
  field(
    'inner',
    struct([field('name', 'string'), field('list', { type: 'array', elementType: 'long', containsNull: true })]),
  ),
  field('place', 'integer'),
])

const stats = JSON.stringify({
  numRecords: 3,
  minValues: { id: 1, at: '2024-01-02T03:04:05.678Z', day: '2024-01-02', price: 1.5, inner: { name: 'a' } },
  maxValues: { id: 'BIG', at: '2024-01-03T00:00:00.000Z', day: '2024-01-03', price: 99.99, inner: { name: 'b' } },
  nullCount: { id: 0, at: 0, day: 1, price: 0, ok: 2, inner: { name: 1, list: 3 } },
}).replace('"BIG"', '9007199254740993')

const parsed = {
  numRecords: 3n,
  minValues: { id: 1n, at: 1_704_164_645_678_000n, day: 19_724, price: '1.50', inner: { name: 'a' } },
  maxValues: {
    id: 9_007_199_254_740_993n,
    at: 1_704_240_000_000_000n,
    day: 19_725,
    price: '99.99',
    inner: { name: 'b' },
  },
  nullCount: { id: 0n, at: 0n, day: 1n, price: 0n, ok: 2n, inner: { name: 1n, list: 3n } },
}

/** Two files at version 1, one with statistics. */
async function tableWith(configuration: Readonly<Record<string, string>>): Promise<TestStore> {
  const store = new TestStore()
  const state = await makeTable(store, { configuration })
  const metaData = { ...state.metadata, schemaString: JSON.stringify(schema), partitionColumns: ['place'] }
  const partitioned = (place: string | null) => ({ partitionValues: { place } })
  await append(store, { metaData }, add('a', 3, { stats, ...partitioned('7') }), add('b', 1, partitioned(null)))
  return store
}

async function addsIn(store: TestStore, version: number): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const body = store.objects.get(classicCheckpointKey(version))?.body ?? new Uint8Array()
  const adds: Readonly<Record<string, unknown>>[] = []
  for await (const rows of reader.rows(body, { columns: ['add'] }))
    for (const row of rows) if (row['add'] !== null) adds.push(row['add'] as Readonly<Record<string, unknown>>)
  return adds
}

/** Statistics that no text holds. */
const columnsAlone = {
  'delta.checkpoint.writeStatsAsStruct': 'true',
  'delta.checkpoint.writeStatsAsJson': 'false',
}

describe('a checkpoint of a table that wants statistics as columns', () => {
  it('has them and the partition values typed, beside the texts', async () => {
    const store = await tableWith({ 'delta.checkpoint.writeStatsAsStruct': 'true' })
    await writeCheckpoint(store, reader, writer, 1)
    const [a, b] = await addsIn(store, 1)
    expect(a).toMatchObject({ path: 'a', stats, stats_parsed: parsed, partitionValues_parsed: { place: 7 } })
    expect(b).toMatchObject({ path: 'b', stats_parsed: { numRecords: 1n }, partitionValues_parsed: { place: null } })
    expect((await checkTable(store, reader)).findings).toEqual([])
  })

  it('keeps them where no text holds them, from one checkpoint to the next', async () => {
    const store = await tableWith(columnsAlone)
    await writeCheckpoint(store, reader, writer, 1)
    store.objects.delete(commitKey(0))
    await append(store, add('c', 5, { partitionValues: { place: '-8' } }), remove('b', store.nowMs))
    await writeCheckpoint(store, reader, writer, 2)
    const adds = await addsIn(store, 2)
    expect(adds.map((each) => each['path'])).toEqual(['a', 'c'])
    expect(adds[0]).toMatchObject({ stats_parsed: parsed, partitionValues_parsed: { place: 7 } })
    expect(adds[0]).not.toHaveProperty('stats')
    expect(adds[1]).toMatchObject({ stats_parsed: { numRecords: 5n }, partitionValues_parsed: { place: -8 } })
  })

  it('still tells how many rows a file has where it has no text: deletion vectors and row ids rest on that', async () => {
    const store = await tableWith(columnsAlone)
    await writeCheckpoint(store, reader, writer, 1)
    store.objects.delete(commitKey(0))
    const { files } = await loadSnapshot(store, reader)
    expect(files.get('a')).toMatchObject({ path: 'a', size: 10, stats: '{"numRecords":3}' })
    expect(files.get('b')).toMatchObject({ path: 'b', stats: '{"numRecords":1}' })
  })

  it('is none where a partition value is no value of its column', async () => {
    const store = await tableWith({ 'delta.checkpoint.writeStatsAsStruct': 'true' })
    await append(store, add('d', 1, { partitionValues: { place: 'north' } }))
    await expect(writeCheckpoint(store, reader, writer, 2)).rejects.toMatchObject({
      code: 'delta/unsupported-checkpoint',
    })
    expect([...store.objects.keys()].filter((key) => key.includes('checkpoint'))).toEqual([])
  })

  it('has the columns by their physical names', async () => {
    const store = await tableWith({ 'delta.checkpoint.writeStatsAsStruct': 'true' })
    const state = await loadSnapshot(store, reader)
    const columns = parsedColumns(state)
    expect((columns?.stats.type as StructType).fields.map(({ name }) => name)).toEqual([
      'numRecords',
      'minValues',
      'maxValues',
      'nullCount',
    ])
  })
})

describe('texts as values', () => {
  it.each([
    ['integer', '12', 12],
    ['integer', '4294967296', undefined],
    ['long', '9223372036854775807', 9_223_372_036_854_775_807n],
    ['boolean', 'true', true],
    ['boolean', 'yes', undefined],
    ['date', '1969-12-31', -1],
    ['date', 'yesterday', undefined],
    ['timestamp', '2024-01-02T03:04:05.123456Z', 1_704_164_645_123_456n],
    ['timestamp', '2024-01-02 03:04:05', undefined],
    ['decimal(4,2)', '-1.5', -150n],
    ['decimal(4,2)', '1.555', undefined],
    ['double', '1e3', 1000],
    ['string', 'x', 'x'],
  ] as const)('%s %s', (type, text, value) => {
    expect(typedPartitionValue(type, text)).toBe(value)
  })

  it('of statistics that are no JSON, or of another form, are left out', () => {
    const type = struct([field('numRecords', 'long'), field('minValues', struct([field('id', 'long')]))])
    expect(typedStatistic(type, 'no JSON')).toBeUndefined()
    expect(typedStatistic(type, '[]')).toBeUndefined()
    expect(typedStatistic(type, '{"numRecords":1.5,"minValues":3}')).toEqual({
      numRecords: undefined,
      minValues: undefined,
    })
  })
})
