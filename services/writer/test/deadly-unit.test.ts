import { SiltError, systemClock, type Clock } from '@silt/core'
import { describe, expect, test } from 'vitest'
import { Bench, until } from './support/bench.ts'
import { DyingEncoder } from './support/dying-encoder.ts'

const poison = '{"user_id":"poison"}'
const isPoisoned = (values: readonly string[]): boolean => values.includes(poison)

async function benchWith(encoder: DyingEncoder, apart = encoder): Promise<Bench> {
  const bench = new Bench()
  bench.through = { encoder, encoderApart: apart }
  bench.append(0, 40, (k) => (k === 33 ? poison : `{"user_id":"u${k}"}`))
  await bench.createTable()
  bench.collectCommits()
  return bench
}

describe('a decoder that dies', () => {
  test('over several records: they are to be cut smaller, between records, and nothing is published', async () => {
    const bench = await benchWith(new DyingEncoder(isPoisoned))
    const stop = await bench.start()
    const job = bench.job([[0, 0, 40]])
    await bench.send(job)
    await until(() => bench.results.length === 1)
    expect(bench.results[0]).toEqual({
      id: job.unitId,
      result: { outcome: 'decoder-died', ranges: [{ partition: 0, start: 0, endExclusive: 40, middle: 20 }] },
    })
    await stop()
    expect(bench.commits).toEqual([])
    expect(bench.counts).toContain('silt_decoder_deaths_total')
  })

  test('what it had not been given yet is not at fault', async () => {
    const bench = await benchWith(new DyingEncoder((values) => values.includes('{"user_id":"u12"}')))
    const stop = await bench.start()
    await bench.send(bench.job([[0, 0, 40]]))
    await until(() => bench.results.length === 1)
    expect(bench.results[0]?.result).toMatchObject({ ranges: [{ start: 0, endExclusive: 20, middle: 10 }] })
    await stop()
  })

  test('before it was given a slab: the ranges are cut unseen, and where it has one record it is decoded apart', async () => {
    const apart = new DyingEncoder(() => false)
    const bench = await benchWith(new DyingEncoder(() => true), apart)
    const crashed = new SiltError('data', 'encoder/crashed', 'it died')
    bench.through.unitRunner = { run: () => Promise.reject(crashed) }
    const stop = await bench.start()
    await bench.send(bench.job([[0, 0, 40]]))
    await until(() => bench.results.length === 1)
    const cut = [{ partition: 0, start: 0, endExclusive: 40, middle: 20 }]
    expect(bench.results[0]?.result).toEqual({ outcome: 'decoder-died', ranges: cut })
    await bench.send(bench.job([[0, 20, 40]], { apart: true }))
    await until(() => bench.commits.length === 1)
    await stop()
    expect(bench.commits[0]?.ranges).toMatchObject([{ start: 20, endExclusive: 40, rows: 20 }])
    expect(apart.given).toHaveLength(2)
  })

  test('over one record, each time and alone: the record is a dead letter with its bytes, undecoded', async () => {
    const apart = new DyingEncoder(isPoisoned)
    const bench = await benchWith(new DyingEncoder(isPoisoned), apart)
    const stop = await bench.start()
    await bench.send(bench.job([[0, 33, 34]]))
    await until(() => bench.commits.length === 1)
    await stop()
    expect(bench.commits[0]?.ranges).toMatchObject([{ start: 33, endExclusive: 34, rows: 0, deadLetters: 1, gaps: 0 }])
    expect(bench.commits[0]?.deadLetterAdds).toHaveLength(1)
    expect(bench.results[0]?.result).toMatchObject({ outcome: 'written' })
    expect(apart.given).toEqual([['{}'], [poison], ['{}'], [poison], ['{}'], [poison], ['{}'], ['condemned', poison]])
    expect(bench.counts.filter((name) => name === 'silt_records_condemned_total')).toHaveLength(1)
  })

  test('twice over one record that then is decoded: it is a row', async () => {
    let deaths = 0
    const bench = await benchWith(new DyingEncoder((values) => isPoisoned(values) && deaths++ < 3))
    const stop = await bench.start()
    await bench.send(bench.job([[0, 33, 34]]))
    await until(() => bench.commits.length === 1)
    await stop()
    expect(bench.commits[0]?.ranges).toMatchObject([{ rows: 1, deadLetters: 0 }])
  })

  test('over sound records too: nothing is condemned, the job is put back', async () => {
    const bench = await benchWith(new DyingEncoder(isPoisoned), new DyingEncoder(() => true))
    const stop = await bench.start()
    await bench.send(bench.job([[0, 33, 34]], { apart: true }))
    await until(() => bench.counts.filter((name) => name === 'silt_errors_total').length >= 2)
    await stop()
    expect(bench.commits).toEqual([])
    expect(bench.results).toEqual([])
  })

  test('over a range with one record among gaps: the range is written, with the dead letter', async () => {
    const bench = await benchWith(new DyingEncoder(isPoisoned))
    bench.source.append('events', 1, [{ value: '{}' }, { value: poison }, { value: '{}' }])
    bench.source.log('events', 1).remove(new Set([0, 2]))
    const stop = await bench.start()
    await bench.send(bench.job([[1, 0, 3]], { apart: true }))
    await until(() => bench.commits.length === 1)
    await stop()
    expect(bench.commits[0]?.ranges).toMatchObject([{ start: 0, endExclusive: 3, rows: 0, deadLetters: 1, gaps: 2 }])
  })
})

describe('between the deaths that condemn a record', () => {
  /** A clock whose sleeps of at least `pauseMs` are told and end as `pass` says. */
  function pausing(pauseMs: number, pass: (ms: number, signal?: AbortSignal) => Promise<void>): Clock {
    return { ...systemClock, sleep: (ms, signal) => (ms >= pauseMs ? pass(ms, signal) : systemClock.sleep(ms, signal)) }
  }
  const untilAborted = (_: number, signal?: AbortSignal): Promise<void> =>
    new Promise((resolve) => signal?.addEventListener('abort', () => resolve()))

  test.each([
    ['decoded together at first', {}, [250, 5000, 30_000]],
    ['decoded apart from the start', { apart: true as const }, [5000, 30_000]],
  ])('pauses grow, so that memory short for seconds condemns nothing: %s', async (_, more, expected) => {
    const pauses: number[] = []
    const bench = await benchWith(new DyingEncoder(isPoisoned))
    bench.options = { crashPauseMsMax: 30_000, logPollMs: 20, pausedPollMs: 20 }
    bench.through.clock = pausing(250, (ms) => Promise.resolve(void (ms < 60_000 && pauses.push(ms))))
    const stop = await bench.start()
    await bench.send(bench.job([[0, 33, 34]], more))
    await until(() => bench.commits.length === 1)
    await stop()
    expect(pauses).toEqual(expected)
    expect(bench.commits[0]?.ranges).toMatchObject([{ deadLetters: 1 }])
  })

  test('a writer that is to stop ends the pause: the job is put back, nothing is condemned', async () => {
    const bench = await benchWith(new DyingEncoder(isPoisoned))
    let isPausing = false
    bench.options = { crashPauseMsMax: 600_000, shutdownDeadlineMs: 60_000 }
    bench.through.clock = pausing(100_000, async (ms, signal) => {
      isPausing = true
      await untilAborted(ms, signal)
    })
    const stop = await bench.start()
    await bench.send(bench.job([[0, 33, 34]], { apart: true }))
    await until(() => isPausing)
    await stop()
    expect(bench.commits).toEqual([])
    expect((await bench.write.depth()).waiting).toBe(1)
  })

  test('a writer full of records that kill has room for others', async () => {
    const bench = await benchWith(new DyingEncoder(isPoisoned))
    bench.append(1, 10, () => poison)
    bench.options = { crashPauseMsMax: 600_000, unitsAtOnce: 3 }
    bench.through.clock = pausing(100_000, untilAborted)
    const stop = await bench.start()
    for (let offset = 0; offset < 10; offset++) await bench.send(bench.job([[1, offset, offset + 1]], { apart: true }))
    await until(() => bench.counts.filter((name) => name === 'silt_decoder_deaths_total').length >= 10)
    await bench.send(bench.job([[0, 0, 10]]))
    await until(() => bench.commits.length === 1)
    await stop()
    expect(bench.commits[0]?.ranges).toMatchObject([{ partition: 0, rows: 10 }])
  })
})

describe('a job over which writers went silent', () => {
  /** Writers that take the bench's job, one after another, and are never heard of again. */
  async function silence(bench: Bench, writers: number): Promise<void> {
    const taken: number[] = []
    await bench.send(bench.job([[0, 0, 10]]))
    for (let k = 0; k < writers; k++) {
      const silent = bench.write.consume(
        (job) => {
          taken.push(job.stalls ?? 0)
          return new Promise(() => undefined)
        },
        { concurrency: 1, onError: () => undefined },
      )
      await until(() => taken.length === k + 1)
      const stopping = silent.stop(50)
      bench.queues.deliverRunningAgain()
      await stopping
    }
    expect(taken).toEqual(Array.from({ length: writers }, (_, k) => k))
  }

  test('is decoded apart', async () => {
    const [together, apart] = [new DyingEncoder(isPoisoned), new DyingEncoder(isPoisoned)]
    const bench = await benchWith(together, apart)
    await silence(bench, 1)
    const stop = await bench.start()
    await until(() => bench.commits.length === 1)
    await stop()
    expect([together.given.length, apart.given.length]).toEqual([0, 1])
  })

  test('is halved unseen after three of them', async () => {
    const [together, apart] = [new DyingEncoder(isPoisoned), new DyingEncoder(isPoisoned)]
    const bench = await benchWith(together, apart)
    await silence(bench, 3)
    const stop = await bench.start()
    await until(() => bench.results.length === 1)
    expect(bench.results[0]?.result).toEqual({
      outcome: 'decoder-died',
      ranges: [{ partition: 0, start: 0, endExclusive: 10, middle: 5 }],
    })
    expect([together.given, apart.given]).toEqual([[], []])
    await stop()
  })
})
