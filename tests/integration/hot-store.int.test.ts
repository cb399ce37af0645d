import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { handMadeEvents } from '../conformance/hand-made-events.ts'
import { startPostgres, type PostgresServer } from '../servers/postgres.ts'
import { HotStore } from '../support/hot-store.ts'

const kafkaMs = Date.UTC(2026, 10, 1) + 123
let postgres: PostgresServer
let hotStore: HotStore
let client: pg.Client

beforeAll(async () => {
  postgres = await startPostgres()
  hotStore = await HotStore.open(postgres.settings.url)
  client = new pg.Client({ connectionString: postgres.settings.url })
  await client.connect()
})

afterAll(async () => {
  await client.end()
  await hotStore.close()
  await postgres.dispose()
})

test('the hot store makes of every hand-made event the row that docs/events.md says', async () => {
  await take(
    'by-hand',
    handMadeEvents.map(([line]) => line),
  )
  const { rows } = await client.query<Record<string, unknown>>(
    `SELECT *, (extract(epoch FROM "timestamp") * 1000000)::bigint AS micros
     FROM analytics_events WHERE _topic = 'by-hand' ORDER BY _offset`,
  )
  expect(rows).toHaveLength(handMadeEvents.length)
  const fields = (await client.query('SELECT * FROM analytics_events LIMIT 0')).fields.map(({ name }) => name)
  const columns = fields.filter((name) => !/^(_|timestamp|metadata|deliveries)/.test(name))
  for (const [index, [line, row]] of handMadeEvents.entries()) {
    const got = rows[index] ?? {}
    expect(Number(got['micros']), line).toBe(row['timestamp'] ?? kafkaMs * 1000)
    for (const name of columns) expect(got[name], `${line} ${name}`).toEqual(row[name] ?? null)
    const metadata = row['metadata'] as string | undefined
    const [parsed] = (await client.query('SELECT parsed_json($1) AS parsed', [metadata ?? null])).rows as {
      parsed: unknown
    }[]
    expect(got['metadata'], line).toEqual(parsed?.parsed)
  }
})

test('a record that is no event is kept with its bytes and keeps none of its batch from arriving', async () => {
  const bad = ['', 'no', '[1]', '"text"', 'null', '{"a":1', '{"session_id":"a\\u0000b"}', '['.repeat(100_000)]
  const notUtf8 = Buffer.from('{"session_id":"a\xff"}', 'latin1')
  await take('bad', [...bad, notUtf8, '{"session_id":"good"}'])
  expect(await hotStore.counts('bad')).toEqual({ events: 1, repeated: 0, rejected: bad.length + 1 })
  const { rows } = await client.query<{ value: Buffer }>(
    `SELECT value FROM analytics_events_rejected WHERE _topic = 'bad' ORDER BY _offset`,
  )
  expect(rows.map(({ value }) => value)).toEqual([...bad.map((text) => Buffer.from(text)), notUtf8])
})

test('what is delivered again, in the same batch or a later one, is counted and makes no second row', async () => {
  await take('again', ['{}', '{"timestamp":"2026-01-01T00:00:00Z"}', 'bad'])
  await take('again', ['{}', '{"timestamp":"2026-01-01T00:00:00Z"}', 'bad'])
  await client.query('SELECT take_events($1)', [JSON.stringify([record('again', '{}', 0), record('again', '{}', 0)])])
  expect(await hotStore.counts('again')).toEqual({ events: 2, repeated: 4, rejected: 1 })
})

function take(topic: string, values: readonly (string | Buffer)[]): Promise<unknown> {
  return client.query('SELECT take_events($1)', [
    JSON.stringify(values.map((value, index) => record(topic, value, index))),
  ])
}

function record(topic: string, value: string | Buffer, offset: number): Readonly<Record<string, string | number>> {
  return {
    value: Buffer.from(value as string).toString('base64'),
    topic,
    partition: 0,
    offset,
    kafka_timestamp_ms: kafkaMs,
  }
}
