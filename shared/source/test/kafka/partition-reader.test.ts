import { isSiltError, systemClock, systemRandom, type ReadRequest, type RecordSlab } from '@silt/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { KafkaSource, type KafkaSourceOptions } from '../../src/kafka/kafka-source.ts'
import { encodeBatch, encodeMarker } from './batch-encoder.ts'
import { FakeCluster } from './fake-broker.ts'

let cluster: FakeCluster
let source: KafkaSource

function open(options: Partial<KafkaSourceOptions> = {}): KafkaSource {
  return new KafkaSource({
    bootstrapServers: cluster.bootstrapServers,
    clientId: 'test',
    clock: systemClock,
    random: systemRandom,
    stepTimeoutMs: 400,
    readBudgetMs: 5000,
    askBudgetMs: 1000,
    ...options,
  })
}

/** Batches of `each` records from offset 0 up to `end`. */
function fill(end: number, each = 5): void {
  for (let base = 0; base < end; base += each) {
    const records = Array.from({ length: each }, (_, index) => ({ offset: base + index, value: `v${base + index}` }))
    cluster.append(base, base + each - 1, encodeBatch({ records }))
  }
}

function request(start: number, endExclusive: number, topicId: string | null = cluster.topicId): ReadRequest {
  return { topic: cluster.topic, topicId, partition: 0, start, endExclusive, cutAtMs: 0 }
}

async function offsets(wanted: ReadRequest, signal = new AbortController().signal): Promise<number[]> {
  const found: number[] = []
  let position = wanted.start
  for await (const slab of source.read(wanted, signal)) {
    expect(slab.start).toBe(position)
    position = slab.nextOffset
    found.push(...slab.offsets)
  }
  expect(position).toBe(wanted.endExclusive)
  return found
}

async function failure(run: Promise<unknown>): Promise<{ code: string; context: Record<string, unknown> }> {
  try {
    await run
  } catch (error) {
    if (isSiltError(error)) return { code: error.code, context: error.context }
    throw error
  }
  throw new Error('nothing was thrown')
}

const upTo = (end: number, from = 0): number[] => Array.from({ length: end - from }, (_, index) => from + index)

beforeEach(async () => {
  cluster = await FakeCluster.start(2)
  source = open()
})
afterEach(async () => {
  await source.close()
  await cluster.close()
})

describe('reading a range while the cluster changes', () => {
  it.each<[string, () => void]>([
    ['the connection is cut before an answer', () => cluster.script.push(() => 'cut')],
    ['the connection is cut within an answer', () => cluster.script.push(() => ({ cutAfterBytes: 60 }))],
    ['an answer never comes', () => cluster.script.push(() => 'silence')],
    ['the leader moves', () => cluster.script.push(() => ((cluster.leader = 1), { errorCode: 6 }))],
    ['the leader epoch grows', () => cluster.script.push(() => ((cluster.leaderEpoch = 6), undefined))],
    ['the broker knows a newer epoch', () => cluster.script.push(() => ({ errorCode: 74 }))],
    ['the broker does not know the epoch yet', () => cluster.script.push(() => ({ errorCode: 75 }))],
    ['the broker does not know the topic id yet', () => cluster.script.push(() => ({ errorCode: 100 }))],
    ['the offset is not available yet', () => cluster.script.push(() => ({ errorCode: 78 }))],
    ['an error arises that we have never heard of', () => cluster.script.push(() => ({ errorCode: 999 }))],
    ['a quota throttles us', () => cluster.script.push(() => ({ throttleMs: 50, withoutPartition: true }))],
    ['a new leader lags for a moment', () => cluster.script.push(() => ({ readableEnd: 12 }))],
    ['a new leader has not reached the offset for a moment', () => cluster.script.push(() => ({ errorCode: 1 }))],
    ['an answer holds nothing once', () => cluster.script.push(() => ({ records: Buffer.alloc(0) }))],
    [
      'only part of the first batch arrives',
      () => cluster.script.push(() => ({ records: cluster.batches[0]?.bytes.subarray(0, 70) ?? Buffer.alloc(0) })),
    ],
  ])('reads on when %s', async (_what, arrange) => {
    fill(40)
    arrange()
    expect(await offsets(request(3, 38))).toEqual(upTo(38, 3))
    expect(cluster.script).toEqual([])
  })

  it('reads on when the leader dies between two fetches, with one ahead in flight', async () => {
    fill(40)
    source = open({ fetchBytesMax: 100, slabBytesMax: 1 })
    const found: number[] = []
    for await (const slab of source.read(request(0, 40), new AbortController().signal)) {
      found.push(...slab.offsets)
      if (slab.nextOffset === 10) {
        cluster.leader = 1
        cluster.leaderEpoch++
        cluster.cutConnections()
      }
    }
    expect(found).toEqual(upTo(40))
    expect(new Set(cluster.fetches.map(({ broker }) => broker))).toEqual(new Set([0, 1]))
  })

  it('asks for the next records before handing out the last', async () => {
    fill(20)
    source = open({ fetchBytesMax: 100 })
    const iterator = source.read(request(0, 20), new AbortController().signal)[Symbol.asyncIterator]()
    expect(((await iterator.next()).value as RecordSlab).nextOffset).toBe(5)
    await expect.poll(() => cluster.fetches.map(({ offset }) => offset)).toEqual([0, 5])
    await iterator.return(undefined)
  })

  it('gives up as unavailable once its budget is spent, and not before', async () => {
    fill(5)
    source = open({ readBudgetMs: 500 })
    cluster.script.push(...Array.from({ length: 500 }, () => () => 'cut' as const))
    expect((await failure(offsets(request(0, 5)))).code).toBe('source/unavailable')
    expect(cluster.fetches.length).toBeGreaterThan(2)
  })

  it('tells the ends of the partitions that have a leader, and of none only where all are away', async () => {
    fill(20)
    cluster.leaderless = 2
    expect(await source.ends(cluster.topic, [0, 1, 2])).toEqual([{ partition: 0, logStart: 0, readableEnd: 20 }])
    expect((await failure(source.ends(cluster.topic, [1, 2]))).code).toBe('source/unavailable')
    expect((await failure(source.offsetAtTime(cluster.topic, [0, 1], 5))).code).toBe('source/unavailable')
  })

  it('names the bootstrap setting when no broker answers', async () => {
    const servers = cluster.bootstrapServers
    await cluster.close()
    const away = new KafkaSource({
      bootstrapServers: servers,
      clientId: 't',
      clock: systemClock,
      random: systemRandom,
      askBudgetMs: 200,
    })
    await expect(away.ends('events', [0])).rejects.toThrow(/KAFKA_BOOTSTRAP_SERVERS/)
    await away.close()
  })
})

describe('where the records are not', () => {
  it('ends a range whose tail compaction has emptied, once the broker has said so twice', async () => {
    fill(10)
    cluster.readableEnd = 30
    expect(await offsets(request(0, 30))).toEqual(upTo(10))
    expect(cluster.fetches.filter(({ offset }) => offset === 10)).toHaveLength(2)
  })

  it('does not take silence of tiered storage for emptiness', async () => {
    fill(10)
    cluster.readableEnd = 30
    cluster.localStart = 25
    source = open({ readBudgetMs: 600 })
    expect((await failure(offsets(request(0, 30)))).code).toBe('source/unavailable')
  })

  it('ends behind control records and skips them', async () => {
    cluster.append(0, 0, encodeBatch({ records: [{ offset: 0, value: 'a' }], producerId: 1n, transactional: true }))
    cluster.append(1, 1, encodeMarker(1, 1n, 'commit'))
    expect(await offsets(request(0, 2))).toEqual([0])
    expect(await offsets(request(1, 2))).toEqual([])
  })

  it('refuses a range that starts below the log and says where the log starts', async () => {
    fill(20)
    cluster.logStart = 7
    const { code, context } = await failure(offsets(request(3, 20)))
    expect(code).toBe('source/out-of-range')
    expect(context).toMatchObject({ logStart: 7, readableEnd: 20, start: 3 })
  })

  it('refuses what retention takes while it is read', async () => {
    fill(20)
    source = open({ fetchBytesMax: 100, slabBytesMax: 1 })
    cluster.script.push(
      () => undefined,
      () => ((cluster.logStart = 15), undefined),
    )
    expect((await failure(offsets(request(0, 20)))).code).toBe('source/out-of-range')
  })

  it('refuses a range that ends beyond the readable end, before handing out a record', async () => {
    fill(20)
    const iterator = source.read(request(0, 21), new AbortController().signal)[Symbol.asyncIterator]()
    expect((await failure(iterator.next())).code).toBe('source/out-of-range')
  })
})

describe('which topic it is', () => {
  const other = 'AAAAAAAAQACAAAAAAAAAAg'

  it('refuses a topic made anew, before and while it is read', async () => {
    fill(20)
    const old = request(0, 20)
    source = open({ fetchBytesMax: 100, slabBytesMax: 1 })
    cluster.script.push(
      () => undefined,
      () => ((cluster.topicId = other), { errorCode: 100 }),
    )
    expect((await failure(offsets(old))).code).toBe('source/topic-changed')
    expect((await failure(offsets(old))).code).toBe('source/topic-changed')
    expect(await offsets(request(0, 20))).toEqual(upTo(20))
  })

  it('checks the id after reading where Fetch names topics by name', async () => {
    fill(20)
    cluster.fetchVersionMax = 12
    const old = request(0, 20)
    cluster.script.push(() => ((cluster.topicId = other), undefined))
    expect((await failure(offsets(old))).code).toBe('source/topic-changed')
    expect(cluster.fetches[0]?.version).toBe(12)
  })

  it('tells the id of now, however lately it told another', async () => {
    const ids = async (): Promise<unknown> => (await source.partitions(cluster.topic))?.map(({ topicId }) => topicId)
    source = open()
    const old = cluster.topicId
    expect(new Set((await ids()) as string[])).toEqual(new Set([old]))
    cluster.topicId = other
    expect(new Set((await ids()) as string[])).toEqual(new Set([other]))
  })

  it('reads a topic without an id by name', async () => {
    fill(5)
    cluster.topicId = null
    expect(await offsets(request(0, 5))).toEqual(upTo(5))
    expect(cluster.fetches[0]?.version).toBe(12)
  })

  it('says that the topic is missing when it is deleted while it is read', async () => {
    fill(20)
    source = open({ fetchBytesMax: 100, slabBytesMax: 1 })
    cluster.script.push(
      () => undefined,
      () => ((cluster.exists = false), undefined),
    )
    expect((await failure(offsets(request(0, 20)))).code).toBe('source/topic-missing')
  })
})

describe('closing', () => {
  it('ends a read that goes on, instead of trying again', async () => {
    fill(20)
    source = open({ fetchBytesMax: 100, slabBytesMax: 1, readBudgetMs: 60_000 })
    const iterator = source.read(request(0, 20), new AbortController().signal)[Symbol.asyncIterator]()
    await iterator.next()
    await source.close()
    const rest = async (): Promise<void> => {
      while (!(await iterator.next()).done);
    }
    expect((await failure(rest())).code).toBe('source/closed')
  })
})

describe('bounds', () => {
  it('refuses an answer larger than its bound instead of allocating it', async () => {
    fill(5)
    cluster.append(5, 5, encodeBatch({ records: [{ offset: 5, value: 'x'.repeat(50_000) }] }))
    source = open({ responseBytesMax: 20_000 })
    expect((await failure(offsets(request(0, 6)))).code).toBe('source/unsupported')
  })

  it('asks for about as much as a range needs once it knows the size of an offset', async () => {
    for (let base = 0; base < 100; base += 10) {
      const records = upTo(10).map((index) => ({ offset: base + index, value: 'x'.repeat(2000) }))
      cluster.append(base, base + 9, encodeBatch({ records }))
    }
    await offsets(request(0, 100))
    await offsets(request(0, 60))
    expect(cluster.fetches[0]?.bytesMax).toBe(1024 * 1024)
    expect(cluster.fetches.at(-1)?.bytesMax).toBeLessThan(200_000)
  })

  it('stops when its signal aborts, at once and with the signal’s reason', async () => {
    fill(5)
    cluster.script.push(() => 'silence')
    source = open({ stepTimeoutMs: 60_000 })
    const controller = new AbortController()
    const reading = offsets(request(0, 5), controller.signal)
    await expect.poll(() => cluster.fetches.length).toBe(1)
    controller.abort(new Error('enough'))
    await expect(reading).rejects.toThrow('enough')
  })
})
