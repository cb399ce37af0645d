import { expect, test } from 'vitest'
import { eventTableSchema } from '@silt/contracts'
import {
  seededRandom,
  systemClock,
  type ColumnBatch,
  type ParquetReader,
  type ParquetRow,
  type StructType,
} from '@silt/core'
import { commitEntry, commitInfo, newTableActions, writeCheckpoint } from '@silt/delta'
import { MemoryStore } from '@silt/object-store'
import { ArrowParquetWriter, HyparquetReader } from '@silt/parquet'
import { createRowDecoder } from '@silt/rows'
import { MemorySource } from '@silt/source'
import { SimParquet } from './sim-parquet.ts'

type MemoryRecord = Parameters<MemorySource['append']>[2][number]

const topic = 'events'
const topicId = 'topic-1'

test('a batch of varied events reads back as from a real file', async () => {
  const { rows } = await decoded([
    event({
      session_id: 's-0',
      timestamp: '2026-11-22T10:00:00.123456Z',
      interaction_value: 0.1,
      metadata: { a: [1] },
    }),
    event({ session_id: 's-1 é😀\ufeff', channel: null, interaction_value: '12.5', user_id: '' }),
    event({ session_id: '\ufeffs-2', timestamp: 'not a time', interaction_value: 'x', extra: true, other: 7 }),
    event({ extra: 12.5, other: 9007199254740991, third: 'text' }),
  ])
  const read = await readTheSame(rows)
  expect(read.map((row) => row['session_id'])).toEqual(['s-0', 's-1 é😀\ufeff', '\ufeffs-2', null])
  const sim = new SimParquet()
  expect(sim.placesOf(sim.encode(rows))).toEqual(
    ['s-0', 's-1 é😀\ufeff', '\ufeffs-2', undefined].map((sessionId, offset) => ({
      topicId,
      partition: 0,
      offset,
      sessionId,
    })),
  )
})

test('a batch of dead letters reads back as from a real file', async () => {
  const { deadLetters } = await decoded([
    {
      value: '{"session_id":',
      key: 'k',
      headers: [
        { key: 'h', value: 'v' },
        { key: 'none', value: null },
      ],
    },
    { value: null },
    { value: new Uint8Array([0xff, 0xfe]), key: null },
    { value: `"${'x'.repeat(3000)}"` },
  ])
  expect(await readTheSame(deadLetters)).toHaveLength(4)
})

test('a checkpoint reads back as from a real file', async () => {
  const captured = { schema: eventTableSchema, rows: [] as readonly ParquetRow[] }
  class CapturingParquet extends SimParquet {
    override encodeRows(schema: StructType, rows: readonly ParquetRow[]): Uint8Array {
      Object.assign(captured, { schema, rows })
      return super.encodeRows(schema, rows)
    }
  }
  const sim = new CapturingParquet()
  await writeCheckpoint(await storeWithTable(), sim, sim, 1)
  expect(captured.rows.length).toBeGreaterThan(4)
  const real = new ArrowParquetWriter().encodeRows(captured.schema, captured.rows)
  const simulated = sim.encodeRows(captured.schema, captured.rows)
  const wanted = await rowsOf(new HyparquetReader(), real)
  expect(await rowsOf(sim, simulated)).toEqual(wanted)
  const columns = ['txn', 'sidecar', 'add']
  expect(await rowsOf(sim, simulated, columns)).toEqual(await rowsOf(new HyparquetReader(), real, columns))
})

test('an empty file has no row groups, columns it lacks are null', async () => {
  const empty: ColumnBatch = { schema: { type: 'struct', fields: [] }, rowCount: 0, columns: [] }
  const sim = new SimParquet()
  expect(await rowsOf(sim, sim.encode(empty))).toEqual([])
  const { rows } = await decoded([event({ session_id: 's' })])
  const columns = ['_offset', 'no_such_column']
  const wanted = await rowsOf(new HyparquetReader(), new ArrowParquetWriter().encode(rows), columns)
  expect(await rowsOf(sim, sim.encode(rows), columns)).toEqual(wanted)
})

test('inputs are not kept', async () => {
  const { rows } = await decoded([event({ session_id: 'before' })])
  const sim = new SimParquet()
  const body = sim.encode(rows)
  for (const vector of rows.columns) if ('bytes' in vector) vector.bytes.fill(0x7a)
  expect(sim.placesOf(body)[0]?.sessionId).toBe('before')
})

test('the same calls give the same bodies, each file its own, copies included', async () => {
  const { rows } = await decoded([event({ session_id: 's' })])
  const [one, two] = [new SimParquet(), new SimParquet()]
  const bodies = [one.encode(rows), one.encode(rows)]
  expect(bodies[0]).not.toEqual(bodies[1])
  expect([two.encode(rows), two.encode(rows)]).toEqual(bodies)
  expect(one.rowCount(new Uint8Array(bodies[1]!))).toBe(1)
})

test('bodies of nobody are refused, truncated ones too', async () => {
  const { rows } = await decoded([event({ session_id: 's' })])
  const sim = new SimParquet()
  const body = sim.encode(rows)
  for (const broken of [body.subarray(0, body.length - 1), new Uint8Array(0), new TextEncoder().encode('PAR1')])
    expect(() => sim.placesOf(broken)).toThrow(expect.objectContaining({ code: 'parquet/unreadable' }))
  await expect(rowsOf(new SimParquet(), body)).rejects.toMatchObject({ code: 'parquet/unreadable' })
})

async function readTheSame(batch: ColumnBatch): Promise<readonly ParquetRow[]> {
  const sim = new SimParquet()
  const simulated = await rowsOf(sim, sim.encode(batch))
  expect(simulated).toEqual(await rowsOf(new HyparquetReader(), new ArrowParquetWriter().encode(batch)))
  return simulated
}

async function rowsOf(reader: ParquetReader, file: Uint8Array, columns?: readonly string[]): Promise<ParquetRow[]> {
  const rows: ParquetRow[] = []
  for await (const group of reader.rows(file, columns === undefined ? {} : { columns })) rows.push(...group)
  return rows
}

function event(fields: Readonly<Record<string, unknown>>): MemoryRecord {
  return { value: JSON.stringify({ timestamp: '2026-11-22T10:00:00Z', event_type: 'click', ...fields }) }
}

async function decoded(records: readonly MemoryRecord[]): Promise<{ rows: ColumnBatch; deadLetters: ColumnBatch }> {
  const source = new MemorySource({ clock: systemClock, recordBytesMax: 2000 })
  source.createTopic(topic, 1, topicId)
  source.append(topic, 0, records)
  const decoder = createRowDecoder({
    topic,
    topicId,
    cutAtMs: 1_750_000_000_000,
    failedAtMs: 1_760_000_000_000,
    schema: eventTableSchema,
    partitionColumns: [],
    evolution: 'add',
    columnsMax: 200,
    recordBytesMax: 2000,
  })
  const range = { partition: 0, start: 0, endExclusive: records.length }
  for await (const slab of source.read({ topic, topicId, cutAtMs: 0, ...range }, new AbortController().signal))
    decoder.push(slab)
  const { parts, deadLetters, schema } = decoder.finish([range])
  const none: ColumnBatch = { schema, rowCount: 0, columns: [] }
  return { rows: parts[0]?.batch ?? none, deadLetters: deadLetters ?? none }
}

/** Version 1 holds every action of a checkpoint that Silt and its neighbours write: maps, nulls, a tombstone. */
async function storeWithTable(): Promise<MemoryStore> {
  const store = new MemoryStore({ clock: systemClock })
  const random = seededRandom(1)
  const table = { id: random.uuid(), schema: eventTableSchema, partitionColumns: [], configuration: {}, createdMs: 1 }
  const info = (token: string) =>
    commitInfo({ timestampMs: 1, operation: 'WRITE', engineInfo: 'silt/0.1.0', token, isBlindAppend: true })
  const file = { partitionValues: {}, size: 7, modificationTime: 1, dataChange: true }
  await commitEntry(store, { version: 0, token: 'a', readBack: false, actions: [info('a'), ...newTableActions(table)] })
  await commitEntry(store, {
    version: 1,
    token: 'b',
    readBack: false,
    actions: [
      info('b'),
      { txn: { appId: 'silt:events:topic-1:0', version: 4 } },
      { txn: { appId: 'other', version: 1, lastUpdated: 5 } },
      { add: { path: 'a.parquet', ...file, stats: '{"numRecords":1}', tags: { 'silt.unit': 'u' } } },
      { add: { path: 'b%20c.parquet', ...file, partitionValues: { event_date: null } } },
      { remove: { path: 'd.parquet', dataChange: true, deletionTimestamp: Date.now(), partitionValues: { a: 'b' } } },
    ],
  })
  return store
}
