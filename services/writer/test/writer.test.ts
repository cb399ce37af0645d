import { decodePath } from '@silt/delta'
import { parseUnitTags } from '@silt/contracts'
import { SiltError, systemClock, type JobQueue, type ObjectStore, type Source } from '@silt/core'
import { HyparquetReader } from '@silt/parquet'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { InlineEncoder } from '../src/encode/inline-encoder.ts'
import { Bench, tableId, topic, until } from './support/bench.ts'

let bench: Bench
let stop: () => Promise<void> = () => Promise.resolve()

beforeEach(async () => {
  bench = new Bench()
  await bench.createTable()
  bench.collectCommits()
})
afterEach(() => stop())

async function rowsOf(path: string): Promise<readonly Record<string, unknown>[]> {
  const found = await bench.store.get(decodePath(path))
  if (found.kind === 'missing') throw new Error(`${path} is not there`)
  const rows: Record<string, unknown>[] = []
  for await (const group of new HyparquetReader().rows(found.body)) rows.push(...group)
  return rows
}

async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list('')) if (!key.startsWith('_delta_log')) keys.push(key)
  return keys
}

describe('a write job', () => {
  test('becomes one file with every record of its ranges, named and tagged, and a commit job', async () => {
    bench.append(0, 25)
    bench.append(1, 7)
    stop = await bench.start()
    const job = bench.job([
      [0, 0, 25],
      [1, 0, 7],
    ])
    await bench.send(job)
    await until(() => bench.commits.length === 1 && bench.results.length === 1)
    const commit = bench.commits[0]!
    expect(commit).toMatchObject({
      v: 1,
      unitId: job.unitId,
      tableId,
      topic,
      cutAtMs: job.cutAtMs,
      full: false,
      deadLetterAdds: [],
    })
    expect(commit.ranges).toEqual([
      { partition: 0, start: 0, endExclusive: 25, restart: 0, read: 25, rows: 25, deadLetters: 0, gaps: 0 },
      { partition: 1, start: 0, endExclusive: 7, restart: 0, read: 7, rows: 7, deadLetters: 0, gaps: 0 },
    ])
    const [add] = commit.adds
    expect(commit.adds).toHaveLength(1)
    expect(add?.path).toMatch(new RegExp(`^part-${job.unitId}-[0-9a-f-]{36}\\.zstd\\.parquet$`))
    expect(parseUnitTags(add?.tags)?.ranges).toEqual(commit.ranges)
    expect(JSON.parse(add?.stats ?? '')).toMatchObject({ numRecords: 32 })
    expect(commit.putAt).toBe(add?.modificationTime)
    const rows = await rowsOf(add?.path ?? '')
    expect(rows.map((row) => [row['_partition'], Number(row['_offset'])])).toEqual([
      ...Array.from({ length: 25 }, (_, offset) => [0, offset]),
      ...Array.from({ length: 7 }, (_, offset) => [1, offset]),
    ])
    expect(bench.results[0]?.result).toMatchObject({ outcome: 'written', ranges: [{ read: 25 }, { read: 7 }] })
  })

  test('with malformed records puts dead letters into their own table and counts gaps', async () => {
    bench.append(0, 4, (k) => (k === 1 ? '{"broken' : '{}'))
    bench.source.log(topic, 0).skip(3)
    bench.append(0, 1)
    stop = await bench.start()
    await bench.send(bench.job([[0, 0, 8]]))
    await until(() => bench.commits.length === 1)
    expect(bench.commits[0]?.ranges).toMatchObject([{ read: 5, rows: 4, deadLetters: 1, gaps: 3 }])
    expect(bench.commits[0]?.deadLetterAdds).toHaveLength(1)
    expect(await keysOf(bench.deadLetterStore)).toEqual([bench.commits[0]?.deadLetterAdds[0]?.path])
  })

  test('without any record sends a commit job without files', async () => {
    bench.source.log(topic, 0).skip(12)
    stop = await bench.start()
    await bench.send(bench.job([[0, 0, 12]]))
    await until(() => bench.commits.length === 1)
    expect(bench.commits[0]).toMatchObject({
      adds: [],
      deadLetterAdds: [],
      ranges: [{ read: 0, gaps: 12, endExclusive: 12 }],
    })
    expect(bench.commits[0]?.putAt).toBeGreaterThan(0)
  })

  test('that would exceed the bytes of a unit comes back short, its later ranges absent', async () => {
    bench.append(0, 40, () => JSON.stringify({ interaction_text: 'x'.repeat(1000) }))
    bench.append(1, 5)
    bench.options = { unitBytesMax: 25_000 }
    stop = await bench.start()
    await bench.send(
      bench.job([
        [0, 0, 40],
        [1, 0, 5],
      ]),
    )
    await until(() => bench.results.length === 1)
    expect(bench.results[0]?.result).toMatchObject({ ranges: [{ partition: 0, start: 0, endExclusive: 20, read: 20 }] })
    expect(bench.commits[0]?.ranges).toHaveLength(1)
    expect(await rowsOf(bench.commits[0]?.adds[0]?.path ?? '')).toHaveLength(20)
  })

  test('with more days than a unit may hold is cut at the first record of the day too many', async () => {
    bench = new Bench()
    await bench.createTable(['event_date'])
    bench.collectCommits()
    bench.through = { encoder: new InlineEncoder({ partitionsMax: 2 }) }
    bench.append(0, 25, (k) => JSON.stringify({ timestamp: `2026-11-${k < 13 ? 10 + (k % 2) : 12}T00:00:00Z` }))
    bench.append(1, 3)
    stop = await bench.start()
    await bench.send(
      bench.job([
        [0, 0, 25],
        [1, 0, 3],
      ]),
    )
    await until(() => bench.results.length === 1)
    expect(bench.results[0]?.result).toMatchObject({ ranges: [{ partition: 0, start: 0, endExclusive: 13, read: 13 }] })
    const adds = bench.commits[0]?.adds ?? []
    expect(adds.map((add) => add.partitionValues['event_date'])).toEqual(['2026-11-10', '2026-11-11'])
    for (const add of adds) expect(add.path).toMatch(/^event_date=2026-11-1[01]\/part-/)
  })

  test('behind txn is dropped before anything is fetched', async () => {
    bench.append(0, 10)
    let reads = 0
    bench.through = { source: spySource(bench.source, () => reads++) }
    stop = await bench.start()
    await bench.commitActions(bench.txns({ 0: 6 }))
    await bench.send(bench.job([[0, 5, 10]]))
    await until(() => bench.results.length === 1)
    expect(bench.results[0]?.result).toEqual({ outcome: 'behind' })
    expect(reads).toBe(0)
    await bench.send(bench.job([[0, 6, 10]]))
    await until(() => bench.commits.length === 1)
  })

  test.each([
    ['writer/other-table', { tableId: 'another' }, [0, 0, 5]],
    ['writer/not-started', { topicId: 'another' }, [0, 0, 5]],
    ['source/out-of-range', {}, [0, 0, 50]],
    ['data/job-malformed', { unitId: 'no-unit-id' }, [0, 0, 5]],
  ] as const)('is refused with %s', async (code, more, range) => {
    bench.append(0, 10)
    stop = await bench.start()
    const job = bench.job([range], more)
    await bench.send(job)
    await until(() => bench.results.length === 1)
    expect(bench.results[0]?.result).toMatchObject({ outcome: 'refused', code })
    expect(bench.commits).toEqual([])
  })

  test('of another table is said once of each, with what to do', async () => {
    stop = await bench.start()
    for (const [index, tableId] of ['one', 'one', 'two', 'one'].entries())
      await bench.send(bench.job([[0, index, index + 1]], { tableId }))
    await until(() => bench.results.length === 4)
    expect(bench.errors).toHaveLength(2)
    for (const message of bench.errors) expect(message).toMatch(/REDIS_URL=.*DELTA_TABLE_PATH/)
  })

  test('with a partition that can never be read is refused, not put back: the others are to be planned alone', async () => {
    bench.append(0, 10)
    bench.append(1, 10)
    const old = new SiltError('unsupported', 'source/unsupported', 'a batch of magic 1')
    bench.through = {
      source: spySource(bench.source, (partition) => {
        if (partition === 1) throw old
      }),
    }
    stop = await bench.start()
    await bench.send(
      bench.job([
        [0, 0, 10],
        [1, 0, 10],
      ]),
    )
    await until(() => bench.results.length === 1)
    expect(bench.results[0]?.result).toMatchObject({ outcome: 'refused', code: 'source/unsupported' })
  })

  test('of a topic made anew is refused, also when the reading stopped early', async () => {
    bench.append(0, 40, () => JSON.stringify({ interaction_text: 'x'.repeat(1000) }))
    bench.options = { unitBytesMax: 25_000 }
    const { source } = bench
    bench.through = {
      source: spySource(
        source,
        () => undefined,
        (slabs) => {
          if (slabs === 3) source.createTopic(topic, 2, 'another-id')
        },
      ),
    }
    stop = await bench.start()
    await bench.send(bench.job([[0, 0, 40]]))
    await until(() => bench.results.length === 1)
    expect(bench.results[0]?.result).toMatchObject({ outcome: 'refused', code: 'source/topic-changed' })
    expect(bench.commits).toEqual([])
  })

  test('takes what other partitions have when one of them is away', async () => {
    bench.append(0, 10)
    bench.append(1, 10)
    bench.through = { source: spySource(bench.source, (partition) => partition === 0 && away()) }
    stop = await bench.start()
    await bench.send(
      bench.job([
        [0, 0, 10],
        [1, 0, 10],
      ]),
    )
    await until(() => bench.results.length === 1)
    expect(bench.results[0]?.result).toMatchObject({
      outcome: 'written',
      ranges: [{ partition: 1, start: 0, endExclusive: 10 }],
    })
  })

  test('delivered twice at once makes two sets of files and never fails', async () => {
    bench.append(0, 10)
    stop = await bench.start()
    await bench.send(bench.job([[0, 0, 10]]))
    bench.queues.deliverRunningAgain()
    await until(() => bench.commits.length >= 1 && bench.results.length >= 1)
    await systemClock.sleep(50)
    for (const commit of bench.commits) expect(await rowsOf(commit.adds[0]?.path ?? '')).toHaveLength(10)
  })
})

describe('a writer that dies', () => {
  const steps = ['before the put', 'after the put', 'before the commit job', 'after the commit job'] as const
  test.each(steps)('%s leaves the job to be run again, and a whole commit job comes of it', async (step) => {
    bench.append(0, 10)
    const died = Promise.withResolvers<void>()
    let deaths = 0
    const dieOnce = async (here: string, act: () => Promise<unknown>): Promise<never> => {
      if (here.startsWith('after')) await act()
      deaths++
      died.resolve()
      throw new SiltError('unavailable', 'test/died', here)
    }
    bench.through = {
      store: throughStore(bench.store, (act) => (deaths === 0 && step.endsWith('put') ? dieOnce(step, act) : act())),
      commit: throughQueue(bench.commit, (act) => (deaths === 0 && step.endsWith('job') ? dieOnce(step, act) : act())),
    }
    stop = await bench.start()
    await bench.send(bench.job([[0, 0, 10]]))
    await died.promise
    await until(() => bench.results.length === 1 && bench.commits.length >= 1)
    const files = await keysOf(bench.store)
    expect(files).toHaveLength(step === 'before the put' ? 1 : 2)
    for (const commit of bench.commits) {
      expect(files).toContain(commit.adds[0]?.path)
      expect(await rowsOf(commit.adds[0]?.path ?? '')).toHaveLength(10)
    }
  })
})

describe('a writer', () => {
  test('waits while there is no table, saying so, and ends when told', async () => {
    bench = new Bench()
    const starting = bench.start()
    await until(() => bench.waiting.length > 0)
    expect(bench.waiting[0]).toContain('DELTA_TABLE_PATH')
    await bench.createTable()
    const end = await starting
    await end()
  })

  test('ends with delta/unsupported-feature when another engine adds a feature it lacks', async () => {
    bench.append(0, 10)
    const end = await bench.start()
    await bench.commitActions([
      {
        protocol: {
          minReaderVersion: 3,
          minWriterVersion: 7,
          readerFeatures: ['strange'],
          writerFeatures: ['strange'],
        },
      },
    ])
    await bench.send(bench.job([[0, 0, 10]]))
    await systemClock.sleep(50)
    await expect(end()).rejects.toMatchObject({ code: 'delta/unsupported-feature' })
  })

  test.each([1, 4])('runs %i units of one partition at once where it is told so', async (unitsAtOnce) => {
    bench.append(0, 400)
    bench.options = { unitsAtOnce }
    let open = 0
    let most = 0
    bench.through = {
      source: spySource(bench.source, async () => {
        most = Math.max(most, ++open)
        await systemClock.sleep(30)
        open--
      }),
    }
    stop = await bench.start()
    for (let k = 0; k < 8; k++) await bench.send(bench.job([[0, k * 50, k * 50 + 50]], { full: true }))
    await until(() => bench.commits.length === 8)
    expect(most).toBe(unitsAtOnce)
  })
})

function away(): never {
  throw new SiltError('unavailable', 'source/unavailable', 'away')
}

function spySource(
  inner: Source,
  onRead: (partition: number) => unknown,
  onSlab: (count: number) => void = () => undefined,
): Source {
  return {
    kind: inner.kind,
    offsetUnit: inner.offsetUnit,
    partitions: (name) => inner.partitions(name),
    ends: (name, partitions) => inner.ends(name, partitions),
    offsetAtTime: (name, partitions, timeMs) => inner.offsetAtTime(name, partitions, timeMs),
    async *read(request, signal) {
      await onRead(request.partition)
      let count = 0
      for await (const slab of inner.read(request, signal)) {
        onSlab(++count)
        yield slab
      }
    },
    close: () => inner.close(),
  }
}

function throughStore(inner: ObjectStore, around: (act: () => Promise<unknown>) => Promise<unknown>): ObjectStore {
  return new Proxy(inner, {
    get: (target, name) => {
      const found = Reflect.get(target, name) as unknown
      if (typeof found !== 'function') return found
      const act = found.bind(target) as (...args: unknown[]) => unknown
      return name === 'put' ? (...args: unknown[]) => around(() => act(...args) as Promise<unknown>) : act
    },
  })
}

function throughQueue(inner: JobQueue, around: (act: () => Promise<unknown>) => Promise<unknown>): JobQueue {
  return new Proxy(inner, {
    get: (target, name) => {
      const found = Reflect.get(target, name) as unknown
      if (typeof found !== 'function') return found
      const act = found.bind(target) as (...args: unknown[]) => unknown
      return name === 'add' ? (...args: unknown[]) => around(() => act(...args) as Promise<unknown>) : act
    },
  })
}
