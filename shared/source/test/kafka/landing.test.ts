import { isSiltError, systemClock, systemRandom } from '@silt/core'
import { afterEach, describe, expect, it } from 'vitest'
import { KafkaSource, type KafkaSourceOptions } from '../../src/kafka/kafka-source.ts'
import { encodeBatch } from './batch-encoder.ts'
import { FakeCluster, type FetchScript } from './fake-broker.ts'
import { PoisonedLanding } from './poisoned-landing.ts'
import { slabRecords } from './slab-records.ts'
import { pskListener, pskSecurity } from './tls-by-psk.ts'

const END = 60
let cluster: FakeCluster
let source: KafkaSource
let memory: PoisonedLanding

async function open(secure: boolean, options: Partial<KafkaSourceOptions> = {}): Promise<void> {
  cluster = await FakeCluster.start(2, secure ? pskListener : undefined)
  for (let base = 0; base < END; base += 5) {
    const value = (offset: number): string => `value ${offset} `.repeat(base === 20 ? 20_000 : 3)
    const records = Array.from({ length: 5 }, (_, index) => ({ offset: base + index, value: value(base + index) }))
    cluster.append(base, base + 4, encodeBatch({ records }))
  }
  memory = new PoisonedLanding()
  source = new KafkaSource({
    bootstrapServers: cluster.bootstrapServers,
    clientId: 'test',
    clock: systemClock,
    random: systemRandom,
    stepTimeoutMs: 400,
    readBudgetMs: 5000,
    fetchBytesMax: 400,
    slabBytesMax: 1,
    landing: memory.landing,
    ...(secure ? { security: pskSecurity } : {}),
    ...options,
  })
}

function request(start = 0, endExclusive = END) {
  return { topic: cluster.topic, topicId: cluster.topicId, partition: 0, start, endExclusive, cutAtMs: 0 }
}

async function values(start = 0, endExclusive = END): Promise<(string | null)[]> {
  const found: (string | null)[] = []
  for await (const slab of source.read(request(start, endExclusive), new AbortController().signal))
    found.push(...slabRecords(slab).map(({ value }) => value?.slice(0, 8).trim() ?? null))
  return found
}

const expected = Array.from({ length: END }, (_, offset) => `value ${offset}`.slice(0, 8).trim())

afterEach(async () => {
  await source.close()
  await cluster.close()
  await expect.poll(() => memory.lent).toBe(0)
})

describe.each([
  ['TCP', false],
  ['TLS', true],
])('answers landing in memory given, over %s', (_name, secure) => {
  it('reads all records, and holds two answers at most', async () => {
    await open(secure)
    expect(await values()).toEqual(expected)
    expect(memory.taken).toBeGreaterThan(5)
    expect(memory.lentMax).toBe(2)
  })

  it.each<[string, FetchScript]>([
    ['the connection is cut before an answer', () => 'cut'],
    ['the connection is cut within an answer', () => ({ cutAfterBytes: 300 })],
    ['an answer never comes', () => 'silence'],
    ['the leader moves', () => ({ errorCode: 6 })],
    ['a quota throttles us', () => ({ throttleMs: 20, withoutPartition: true })],
    ['an answer holds nothing once', () => ({ records: Buffer.alloc(0) })],
    ['the end is not readable for a moment', () => ({ readableEnd: 12 })],
    ['the offset is out of range for a moment', () => ({ errorCode: 1 })],
  ])('gives the memory back when %s', async (_what, script) => {
    await open(secure)
    cluster.script.push(() => undefined, script)
    expect(await values(3, 50)).toEqual(expected.slice(3, 50))
    expect(cluster.script).toEqual([])
    expect(memory.lentMax).toBe(2)
  })

  it('gives the memory back when whoever reads stops early, or is told to', async () => {
    await open(secure)
    for await (const slab of source.read(request(), new AbortController().signal)) if (slab.nextOffset >= 10) break
    const controller = new AbortController()
    cluster.script.push(
      () => undefined,
      () => undefined,
      () => 'silence',
    )
    const reading = (async () => {
      for await (const slab of source.read(request(), controller.signal))
        if (slab.nextOffset >= 10) controller.abort(new Error('enough'))
    })()
    await expect(reading).rejects.toThrow('enough')
    await expect.poll(() => memory.lent).toBe(0)
  })

  it('gives the memory back when a batch is corrupt', async () => {
    await open(secure)
    const damaged = encodeBatch({ records: [{ offset: END, value: 'x' }] })
    damaged[62] = (damaged[62] ?? 0) ^ 1
    cluster.append(END, END, damaged)
    const reading = (async () => {
      for await (const slab of source.read(request(0, END + 1), new AbortController().signal)) void slab
    })()
    await expect(reading).rejects.toSatisfy((error) => isSiltError(error, 'source/corrupt'))
  })

  it('refuses an answer beyond its bound before it asks for memory', async () => {
    await open(secure, { responseBytesMax: 1000 })
    await expect(values()).rejects.toSatisfy((error) => isSiltError(error, 'source/unsupported'))
  })
})
