import { isSiltError, systemClock, systemRandom } from '@silt/core'
import { KafkaSource } from '@silt/source'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { encodeBatch } from '../../../source/test/kafka/batch-encoder.ts'
import { FakeCluster } from '../../../source/test/kafka/fake-broker.ts'
import { PoisonedLanding } from '../../../source/test/kafka/poisoned-landing.ts'
import { slabRecords, type SlabRecord } from '../../../source/test/kafka/slab-records.ts'
import { BatchReader } from '../../src/batch/batch-reader.ts'
import { planeLanding } from '../../src/batch/plane-landing.ts'
import { PlaneSlab } from '../../src/batch/plane-slab.ts'
import { Engine } from '../../src/wasm/engine.ts'

const codecs = ['none', 'lz4', 'none', 'snappy', 'zstd', 'gzip', 'none'] as const
const plane = new Engine()
const memory = new PoisonedLanding(planeLanding(plane, 1 << 20))
let cluster: FakeCluster

beforeEach(async () => {
  cluster = await FakeCluster.start()
  for (let base = 0; base < 70; base += 5) {
    const records = Array.from({ length: 5 }, (_, index) => ({
      offset: base + index,
      key: `k${index}`,
      value: `value ${base + index} `.repeat(20),
      headers: [['trace', `t${index}`]] as const,
    }))
    cluster.append(base, base + 4, encodeBatch({ records, codec: codecs[(base / 5) % codecs.length] ?? 'none' }))
  }
})
afterEach(() => cluster.close())

async function records(
  inPlane: boolean,
  slabBytesMax: number,
  limits = { batchBytesMax: 1 << 20, batchRecordsMax: 1000, recordBytesMax: 1 << 20 },
  landing = memory.landing,
): Promise<{ found: SlabRecord[]; ofPlane: number; slabs: number }> {
  const source = new KafkaSource({
    bootstrapServers: cluster.bootstrapServers,
    clientId: 'test',
    clock: systemClock,
    random: systemRandom,
    fetchBytesMax: 3000,
    slabBytesMax,
    recordBytesMax: limits.recordBytesMax,
    ...(inPlane ? { landing, collectorOf: (partition) => new BatchReader(plane, partition, limits) } : {}),
  })
  const request = {
    topic: cluster.topic,
    topicId: cluster.topicId,
    partition: 0,
    start: 3,
    endExclusive: 68,
    cutAtMs: 0,
  }
  const result = { found: [] as SlabRecord[], ofPlane: 0, slabs: 0 }
  let position = request.start
  try {
    for await (const slab of source.read(request, new AbortController().signal)) {
      expect(slab.start).toBe(position)
      position = slab.nextOffset
      // Later than it was made: nothing may overwrite it before the next is asked for.
      await new Promise((resolve) => setTimeout(resolve, 2))
      result.found.push(...slabRecords(slab))
      result.slabs++
      if (slab instanceof PlaneSlab) result.ofPlane++
    }
    expect(position).toBe(request.endExclusive)
  } finally {
    await source.close()
  }
  return result
}

describe('a Kafka source that reads in the plane', () => {
  it.each([1, 2000, 1 << 20])('gives the records of one that does not, by slabs of %i bytes', async (slabBytesMax) => {
    const expected = await records(false, slabBytesMax)
    const inPlane = await records(true, slabBytesMax)
    expect(inPlane.found).toEqual(expected.found)
    expect(inPlane.ofPlane).toBe(inPlane.slabs)
    expect(memory.lent).toBe(0)
    expect(memory.lentMax).toBe(2)
  })

  it('leaves batches that do not fit the plane to the source’s own reader, in their place', async () => {
    const large = [15, 16, 17, 18, 19].map((offset) => ({ offset, value: `${offset}`.repeat(400) }))
    cluster.batches.splice(3, 1, { base: 15, last: 19, bytes: encodeBatch({ records: large, codec: 'lz4' }) })
    const limits = { batchBytesMax: 1500, batchRecordsMax: 1000, recordBytesMax: 1 << 20 }
    const expected = await records(false, 1 << 20)
    const inPlane = await records(true, 1 << 20, limits)
    expect(inPlane.found).toEqual(expected.found)
    expect(inPlane.ofPlane).toBe(inPlane.slabs - 1)
    expect(inPlane.ofPlane).toBeGreaterThan(2)
  })

  it('leaves answers beyond the bound of its landing to the source’s own reader', async () => {
    const expected = await records(false, 1 << 20)
    const outside = await records(true, 1 << 20, undefined, planeLanding(plane, 100))
    expect(outside.found).toEqual(expected.found)
    expect(outside.ofPlane).toBe(0)
  })

  it('names a batch whose records are malformed as the source does', async () => {
    const damaged = encodeBatch({
      records: [{ offset: 15, value: 'a' }],
      baseOffset: 15,
      lastOffset: 19,
      recordCount: 2,
    })
    cluster.batches.splice(3, 1, { base: 15, last: 19, bytes: damaged })
    const failure = async (inPlane: boolean): Promise<unknown> =>
      records(inPlane, 1 << 20).then(
        () => 'nothing',
        (error: unknown) => (isSiltError(error) ? [error.code, error.message, error.context] : error),
      )
    const expected = await failure(false)
    expect(expected).toMatchObject(['source/corrupt', expect.stringContaining('offset 15'), { baseOffset: 15 }])
    expect(await failure(true)).toEqual(expected)
    expect(memory.lent).toBe(0)
  })
})
