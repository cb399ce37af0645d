import { systemClock, systemRandom, type RecordSlab } from '@silt/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KafkaSource } from '../../src/kafka/kafka-source.ts'
import { encodeBatch } from './batch-encoder.ts'
import { FakeCluster } from './fake-broker.ts'

const end = 40
/** What small questions share, and what is kept for reads to come. */
const connectionsMax = 5

let cluster: FakeCluster
let source: KafkaSource

beforeEach(async () => {
  cluster = await FakeCluster.start()
  for (let offset = 0; offset < end; offset++)
    cluster.append(offset, offset, encodeBatch({ records: [{ offset, value: `v${offset}` }] }))
  source = new KafkaSource({
    ...{ bootstrapServers: cluster.bootstrapServers, clientId: 'test', clock: systemClock, random: systemRandom },
    ...{ fetchBytesMax: 100, slabBytesMax: 1 },
  })
})
afterEach(async () => {
  await source.close()
  await cluster.close()
})

function begun(signal: AbortSignal): AsyncIterator<RecordSlab> {
  const { topic, topicId } = cluster
  const slabs = source.read({ topic, topicId, partition: 0, start: 0, endExclusive: end, cutAtMs: 0 }, signal)
  return slabs[Symbol.asyncIterator]()
}

describe('a read that ends before its end', () => {
  it('keeps no connection, wherever on the way to its first answer it was', async () => {
    for (let time = 0; time < 60; time++) {
      const abort = new AbortController()
      const slabs = begun(abort.signal)
      const first = slabs.next().catch(() => undefined)
      for (let turn = 0; turn < time % 12; turn++) await new Promise((resolve) => setImmediate(resolve))
      abort.abort(new Error('enough'))
      await first
      await slabs.return?.()
    }
    await expect.poll(() => cluster.connections, { timeout: 2000 }).toBeLessThanOrEqual(connectionsMax)
    for await (const slab of { [Symbol.asyncIterator]: () => begun(new AbortController().signal) })
      expect(slab.count).toBeGreaterThan(0)
  })

  it('has nobody ask again who leads: its next answer is not missing, it is not wanted', async () => {
    for (let time = 0; time < 5; time++) {
      const slabs = begun(new AbortController().signal)
      expect((await slabs.next()).value).toMatchObject({ start: 0 })
      await slabs.return?.()
    }
    expect(cluster.metadataAsked).toBe(1)
  })
})
