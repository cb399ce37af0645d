import type { ReadRequest, Source } from '@silt/core'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sourceContract } from '../../contract/source-contract.ts'
import type { KafkaSource } from '../../src/kafka/kafka-source.ts'
import { slabRecords, type SlabRecord } from './slab-records.ts'
import { askPeer, createTopic, kafkajs, openSource, produce, uniqueName, withAdmin } from './test-kafka.ts'

sourceContract('kafka', async () => {
  const source = openSource()
  const topic = uniqueName('contract')
  await createTopic(topic, 2)
  return {
    source,
    topic,
    append: (partition, values) => produce(topic, partition, values),
    recreate: async (values) => {
      await withAdmin((admin) => admin.deleteTopics({ topics: [topic] }))
      await expect.poll(() => source.partitions(topic), { timeout: 60_000 }).toBeUndefined()
      await createTopic(topic, 2)
      await produce(topic, 0, values)
    },
    deleteBelow: (partition, offset) =>
      withAdmin(async (admin) => {
        // kafkajs finds leaders only of topics it has been asked about.
        await admin.fetchTopicOffsets(topic)
        await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] })
      }),
    close: () => source.close(),
  }
})

let source: KafkaSource
beforeAll(() => {
  source = openSource()
})
afterAll(() => source.close())

async function readableEnd(of: Source, topic: string): Promise<number> {
  return (await of.ends(topic, [0]))[0]?.readableEnd ?? -1
}

async function wholeRange(of: Source, topic: string): Promise<ReadRequest> {
  const topicId = (await of.partitions(topic))?.[0]?.topicId ?? null
  return { topic, topicId, partition: 0, start: 0, endExclusive: await readableEnd(of, topic), cutAtMs: 0 }
}

async function read(of: Source, request: ReadRequest): Promise<SlabRecord[]> {
  const found: SlabRecord[] = []
  for await (const slab of of.read(request, new AbortController().signal)) found.push(...slabRecords(slab))
  return found
}

/** Two headers as a record holds them: `trace` with the index as text, `none` without a value. */
function headers(index: number): string {
  const digits = String(index)
  return `\x04\x0atrace${String.fromCharCode(digits.length * 2)}${digits}\x08none\x01`
}

describe('what librdkafka writes', () => {
  it.each(['none', 'gzip', 'snappy', 'lz4', 'zstd'])('is read to the byte: %s', async (codec) => {
    const topic = uniqueName(`codec-${codec}`)
    const count = 3000
    await createTopic(topic, 1)
    await askPeer('codec', topic, codec, String(count))
    const found = await read(source, await wholeRange(source, topic))
    expect(found).toHaveLength(count)
    for (const [index, record] of found.entries()) {
      const value = `{"index": ${index}, "text": "${'\\u00e4'.repeat(index % 300)}"}`
      expect(record).toEqual({
        offset: index,
        timestampMs: 1_700_000_000_000 + index,
        key: index % 7 === 0 ? null : `key-${index}`,
        value: index % 11 === 0 ? null : value,
        headers: index % 5 === 0 ? headers(index) : null,
      })
    }
  })
})

describe('transactions', () => {
  it.each([
    ['one committed', 'b1 p1 c1 n'],
    ['one aborted', 'n b1 p1 a1 n'],
    ['one producer aborting twice', 'b1 p1 a1 b1 p1 a1 b1 p1 c1'],
    ['interleaved, the later starter ending first', 'b1 p1 b2 p2 c2 p1 a1 n'],
    ['interleaved the other way', 'b1 p1 b2 p2 a2 p1 c1 n'],
    ['three at once', 'b1 b2 b3 p1 p2 p3 n p1 a1 p2 c2 p3 a3 b1 p1 c1'],
    ['empty ones', 'b1 a1 b1 p1 c1 b2 c2 b2 a2 b1 a1 n'],
    ['aborted at the very end', 'n b1 p1 c1 b1 p1 a1'],
  ])('%s: the same records as librdkafka hands out', async (_title, script) => {
    const topic = uniqueName('transactions')
    await createTopic(topic, 1)
    await askPeer('transactions', topic, script)
    const whole = await wholeRange(source, topic)
    for (const isolation of ['read_committed', 'read_uncommitted'] as const) {
      const reader = openSource({ isolation, fetchBytesMax: 300, slabBytesMax: 1 })
      const found = await read(reader, whole)
      const { records } = await askPeer<{ records: [number, string][] }>(
        'consume',
        topic,
        isolation,
        String(whole.endExclusive),
      )
      expect(found.map(({ offset, value }) => [offset, value])).toEqual(records)
      // A range that begins or ends anywhere, in the middle of transactions too, holds the part of the same that lies in it.
      for (let cut = 1; cut < whole.endExclusive; cut += 2) {
        const tail = await read(reader, { ...whole, start: cut })
        expect(tail).toEqual(found.filter(({ offset }) => offset >= cut))
        const head = await read(reader, { ...whole, endExclusive: cut })
        expect(head).toEqual(found.filter(({ offset }) => offset < cut))
      }
      await reader.close()
    }
  })

  it('an open one holds the readable end back under read_committed only', async () => {
    const topic = uniqueName('open-transaction')
    await createTopic(topic, 1)
    await askPeer('transactions', topic, 'n n b1 p1 n')
    const uncommitted = openSource({ isolation: 'read_uncommitted' })
    expect(await readableEnd(uncommitted, topic)).toBeGreaterThanOrEqual(6)
    // The peer has left without ending its transaction.
    expect(await readableEnd(source, topic)).toBe(2)
    await uncommitted.close()
  })
})

describe('a compacted topic', () => {
  it('is read to its end whatever compaction has taken', async () => {
    const topic = uniqueName('compacted')
    await createTopic(topic, 1, {
      'cleanup.policy': 'compact',
      'segment.bytes': '1048576',
      'segment.ms': '200',
      'min.cleanable.dirty.ratio': '0.01',
      'max.compaction.lag.ms': '200',
      'delete.retention.ms': '0',
    })
    const producer = kafkajs.producer({ idempotent: true })
    await producer.connect()
    for (let round = 0; round < 6; round++) {
      const messages = Array.from({ length: 20 }, (_, key) => ({
        key: `k${key % 4}`,
        value: key % 4 === 3 ? null : `${round}`,
      }))
      await producer.send({ topic, messages })
      await new Promise((resolve) => setTimeout(resolve, 300))
    }
    await producer.disconnect()
    const whole = await wholeRange(source, topic)
    expect(whole.endExclusive).toBe(120)
    await expect
      .poll(async () => (await read(source, whole)).length, { timeout: 40_000, interval: 1000 })
      .toBeLessThan(60)
    const { records } = await askPeer<{ records: [number, string][] }>('consume', topic, 'read_committed', '120')
    expect((await read(source, whole)).map(({ offset }) => offset)).toEqual(records.map(([offset]) => offset))
  })
})

describe('a record batch larger than what is asked for', () => {
  it('arrives all the same, and a value beyond the bound as its digest', async () => {
    const topic = uniqueName('large')
    await createTopic(topic, 1, { 'max.message.bytes': '8388608' })
    await produce(topic, 0, ['small'])
    await produce(topic, 0, ['x'.repeat(3_000_000)])
    await produce(topic, 0, ['small again'])
    const frugal = openSource({ fetchBytesMax: 100_000, recordBytesMax: 1_000_000 })
    const whole = await wholeRange(frugal, topic)
    expect((await read(source, whole)).map(({ value }) => value?.length)).toEqual([5, 3_000_000, 11])
    const lengths: number[] = []
    for await (const slab of frugal.read(whole, new AbortController().signal))
      for (const { lengthBytes } of slab.oversized.values()) lengths.push(lengthBytes)
    expect(lengths).toEqual([3_000_000])
    await frugal.close()
  })
})

describe('offsets by time', () => {
  it('finds the first record at or after a time', async () => {
    const topic = uniqueName('times')
    await createTopic(topic, 1)
    await askPeer('codec', topic, 'lz4', '1000')
    const at = async (timeMs: number): Promise<number | undefined> =>
      (await source.offsetAtTime(topic, [0], timeMs)).get(0)
    expect(await at(1_700_000_000_500)).toBe(500)
    expect(await at(1_710_000_000_000)).toBe(1000)
  })
})
