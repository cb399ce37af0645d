import { randomUUID } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { eventTableSchema, jobVersion } from '@silt/contracts'
import { SiltError, systemClock, systemRandom } from '@silt/core'
import { KafkaSource } from '@silt/source'
import { ThreadUnitRunner, type ThreadUnitRunnerOptions } from '@silt/writer'
import { InlineEncoder, LocalUnitRunner } from '@silt/writer/testing'
import { Kafka, logLevel } from 'kafkajs'
import { afterEach, describe, expect, inject, onTestFinished, test } from 'vitest'
import { readEncoded } from '../../services/writer/test/support/read-encoded.ts'
import { startServers } from '../servers/index.ts'
import { runPython } from '../support/python.ts'
import { createTopic } from '../support/topics.ts'

const shared = inject('servers').kafka.bootstrapServers
const recordBytesMax = 1500
const deaf = { onSlab: () => undefined }
const never = new AbortController().signal
const closing: { close(): Promise<void> }[] = []

afterEach(async () => {
  await Promise.all(closing.splice(0).map((each) => each.close()))
})

function kept<T extends { close(): Promise<void> }>(what: T): T {
  closing.push(what)
  return what
}

/** The product's threads. */
function threads(servers: string, more: Partial<ThreadUnitRunnerOptions> = {}, isSecured = false): ThreadUnitRunner {
  const address = { bootstrapServers: servers.split(','), clientId: 'test' }
  return kept(
    new ThreadUnitRunner({
      threads: 2,
      module: new URL('../../cli/src/compose/unit-thread.ts', import.meta.url),
      workerData: { kind: 'kafka', recordBytesMax, address, isolation: 'read_committed', isSecured },
      ...more,
    }),
  )
}

function plainSource(servers: string): KafkaSource {
  const address = { bootstrapServers: servers.split(','), clientId: 'test' }
  return kept(new KafkaSource({ ...address, clock: systemClock, random: systemRandom, recordBytesMax }))
}

/** Units of partition 0 of a topic. */
async function ordersOf(servers: string, topic: string) {
  const source = plainSource(servers)
  const topicId = (await source.partitions(topic))?.[0]?.topicId ?? null
  const end = (await source.ends(topic, [0]))[0]?.readableEnd ?? 0
  const order = (start: number, endExclusive: number, unitBytesMax = 1 << 27, id = topicId) => ({
    job: {
      ...{ v: jobVersion, unitId: '0123456789abcdef', tableId: 'table', cutAtMs: 1_700_000_000_000, full: false },
      ...{ topic, topicId: id, ranges: [{ partition: 0, start, endExclusive, restart: 0 }] },
    },
    spec: {
      ...{ topic, topicId: id, cutAtMs: 1_700_000_000_000, failedAtMs: 1_700_000_000_000, recordBytesMax },
      ...{ schema: eventTableSchema, partitionColumns: [], evolution: 'add' as const, columnsMax: 200 },
    },
    unitBytesMax,
  })
  const plain = new LocalUnitRunner({ source, encoder: new InlineEncoder(), clock: systemClock })
  return { end, order, plain }
}

/** Record times of the peer lie far back: they are kept for ever. */
async function emptyTopic(servers: string): Promise<string> {
  const topic = `unit-threads-${randomUUID().slice(0, 8)}`
  await createTopic(servers, topic, 1, { 'retention.ms': '-1' })
  return topic
}

async function filledTopic(count: number): Promise<string> {
  const topic = await emptyTopic(shared)
  const values = Array.from({ length: count }, (_, k) =>
    JSON.stringify({ user_id: `u${k}`, session_id: 's'.repeat(300) }),
  )
  await produce(topic, values)
  return topic
}

async function produce(topic: string, values: readonly (string | null)[]): Promise<void> {
  const kafka = new Kafka({ brokers: shared.split(','), logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ idempotent: true, allowAutoTopicCreation: false })
  await producer.connect()
  // Several batches: a unit ends between two.
  for (let from = 0; from < values.length; from += 500)
    await producer.send({ topic, messages: values.slice(from, from + 500).map((value) => ({ partition: 0, value })) })
  await producer.disconnect()
}

/** Has librdkafka write to the topic. */
function askPeer(servers: string, command: string, topic: string, ...rest: string[]): Promise<unknown> {
  const peer = fileURLToPath(new URL('../../shared/source/test/kafka/kafka_peer.py', import.meta.url))
  return runPython(peer, [command, servers, topic, ...rest])
}

describe('units of a real broker, in the threads of the product', () => {
  test('are what is read outside of the plane and decoded record by record: codecs, aborted transactions, tombstones, headers, values beyond the bound', async () => {
    const topic = await emptyTopic(shared)
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd']) await askPeer(shared, 'codec', topic, codec, '700')
    await askPeer(shared, 'transactions', topic, 'n b1 b2 p1 p2 n a1 c2 b1 p1 c1 b1 p1 a1')
    await produce(topic, [null, '{"user_id":"last"}', 'no json'])
    const { end, order, plain } = await ordersOf(shared, topic)
    const runner = threads(shared)
    const ranges = [[0, end] as const, [123, end - 9] as const, [3495, 3520] as const]
    await Promise.all(
      ranges.map(async ([start, to]) => {
        const ran = await runner.run(order(start, to), deaf, never)
        const expected = await plain.run(order(start, to), deaf, never)
        expect(ran.reading).toMatchObject({ ranges: expected.reading.ranges, isUnchecked: false, failure: undefined })
        expect(ran.unit.counts).toEqual(expected.unit.counts)
        expect(await readEncoded(ran.unit)).toEqual(await readEncoded(expected.unit))
      }),
    )
    const [whole] = (await runner.run(order(0, end), deaf, never)).unit.counts
    expect(whole).toMatchObject({ start: 0, endExclusive: end })
    expect(Math.min(whole!.rows, whole!.deadLetters, whole!.gaps)).toBeGreaterThan(5)
  })

  test('end short at their bytes, end when aborted, and fail as their source does', async () => {
    const topic = await filledTopic(3000)
    const { end, order } = await ordersOf(shared, topic)
    const runner = threads(shared, { threads: 1 })
    const { reading, unit } = await runner.run(order(0, end, 300_000), deaf, never)
    expect(reading.isUnchecked).toBe(true)
    expect(unit.counts[0]?.rows).toBe(reading.ranges[0]!.endExclusive)
    expect(unit.counts[0]?.rows).toBeLessThan(end)

    const abort = new AbortController()
    const onSlab = (): void => abort.abort(new Error('enough'))
    await expect(runner.run(order(0, end), { onSlab }, abort.signal)).rejects.toThrow('enough')
    const beyond = { kind: 'data', code: 'source/out-of-range' }
    await expect(runner.run(order(0, end + 1), deaf, never)).rejects.toMatchObject(beyond)
    const other = order(0, end, 1 << 27, 'AAAAAAAAQACAAAAAAAAAAQ')
    await expect(runner.run(other, deaf, never)).rejects.toMatchObject({ kind: 'data', code: 'source/topic-changed' })
    const all = await Promise.all([0, 1, 2, 3].map((k) => runner.run(order(k, end), deaf, never)))
    expect(all.map((ran) => ran.unit.counts[0]?.rows)).toEqual([end, end - 1, end - 2, end - 3])
  })

  test('of a record that kills its thread, the trail holds the record, and the next unit has another thread', async () => {
    const topic = await filledTopic(2000)
    await produce(topic, ['{"user_id":"POISON-EXIT"}', '{"user_id":"after"}'])
    const { end, order } = await ordersOf(shared, topic)
    let replaced = 0
    const module = new URL('../support/mortal-unit-thread.ts', import.meta.url)
    const runner = threads(shared, { threads: 1, module, watch: { onReplaced: () => replaced++ } })
    let seen = 0
    const onSlab = ({ nextOffset }: { readonly nextOffset: number }): void => void (seen = nextOffset)
    const crashed = { kind: 'data', code: 'encoder/crashed' }
    await expect(runner.run(order(0, end), { onSlab }, never)).rejects.toMatchObject(crashed)
    expect(seen).toBe(end)
    expect((await runner.run(order(0, 2000), deaf, never)).unit.counts).toMatchObject([{ rows: 2000 }])
    expect(replaced).toBe(1)
  })

  test('go on where they were when their broker comes back', async () => {
    const own = await startServers({ kafka: {} })
    onTestFinished(() => own.stop())
    const servers = own.settings.kafka.bootstrapServers
    const topic = await emptyTopic(servers)
    await askPeer(servers, 'codec', topic, 'lz4', '40000')
    const { end, order } = await ordersOf(servers, topic)
    const runner = threads(servers)
    const killed = Promise.withResolvers<void>()
    let isKilled = false
    const onSlab = (): void => {
      if (isKilled) return
      isKilled = true
      own.kafka.kill().then(killed.resolve, killed.reject)
    }
    const units = [order(0, end), order(0, end), order(7, end)].map((each) => runner.run(each, { onSlab }, never))
    await killed.promise
    await own.kafka.start()
    const counts = (await Promise.all(units)).map(({ unit }) => unit.counts[0])
    expect(counts).toMatchObject([{ endExclusive: end }, { endExclusive: end }, { endExclusive: end }])
    expect(counts[0]).toEqual(counts[1])
    expect(counts[0]!.read).toBe(40_000)
  })
})

describe('what secures connections', () => {
  test('is asked of the writer at each, and what it throws the unit fails with', async () => {
    const { end, order } = await ordersOf(shared, await filledTopic(20))
    let asked = 0
    const security = (): object => {
      if (asked++ > 3) throw new SiltError('invalid', 'source/denied', 'the token cannot be had')
      return {}
    }
    const runner = threads(shared, { threads: 1, security }, true)
    expect((await runner.run(order(0, end), deaf, never)).unit.counts).toMatchObject([{ rows: end }])
    expect(asked).toBeGreaterThanOrEqual(2)
    asked = 10
    const fresh = threads(shared, { threads: 1, security }, true)
    const denied = { kind: 'invalid', code: 'source/denied', message: 'the token cannot be had' }
    await expect(fresh.run(order(0, end), deaf, never)).rejects.toMatchObject(denied)
  })

  test('is not waited for by a runner that closes, nor by a unit that is aborted', async () => {
    const { end, order } = await ordersOf(shared, await filledTopic(20))
    const asked = Promise.withResolvers<void>()
    const security = (): Promise<never> => {
      asked.resolve()
      return new Promise(() => undefined)
    }
    const runner = threads(shared, { threads: 1, security }, true)
    const waiting = expect(runner.run(order(0, end), deaf, never)).rejects.toMatchObject({ code: 'encoder/died' })
    await asked.promise
    const abort = new AbortController()
    const aborted = expect(runner.run(order(0, end), deaf, abort.signal)).rejects.toThrow('enough')
    abort.abort(new Error('enough'))
    await aborted
    await runner.close()
    await waiting
  })
})
