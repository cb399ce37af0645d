import { SiltError, systemClock } from '@silt/core'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Pipeline, topic, until } from './support/pipeline.ts'

let pipeline: Pipeline
let stop: () => Promise<void> = () => Promise.resolve()

beforeEach(() => {
  pipeline = new Pipeline()
})
afterEach(async () => {
  await stop()
  stop = () => Promise.resolve()
})

function start(): void {
  stop = pipeline.run().stop
}

/** Every offset of each partition was in exactly one committed range is the stand-in committer's rule; here: all of it arrived. */
async function arrived(ends: readonly number[], topicId = 'id-1'): Promise<void> {
  await until(() => ends.every((end, partition) => pipeline.next(partition, topicId) === end))
}

describe('an ingestor', () => {
  test('waits for the table and the topic, starts every partition, then settles what waits and what comes', async () => {
    pipeline.members.assign(0, 1, 2)
    pipeline.startWriters()
    pipeline.startCommitter()
    start()
    await until(() => pipeline.waiting.length > 0)
    expect(pipeline.waiting[0]).toContain('DELTA_TABLE_PATH')
    await pipeline.createTable()
    await systemClock.sleep(50)
    expect(pipeline.isReady).toBe(false)
    pipeline.source.createTopic(topic, 3, 'id-1')
    pipeline.produce(0, 5)
    pipeline.produce(2, 50)
    await arrived([5, 0, 50])
    expect(pipeline.isReady).toBe(true)
    for (let k = 0; k < 10; k++) {
      pipeline.produce(k % 3, 7)
      await systemClock.sleep(10)
    }
    await arrived([5 + 28, 21, 50 + 21])
    const { generation, next } = pipeline.members.reports.at(-1)!
    expect(generation).toBe(1)
    await until(() => pipeline.members.reports.at(-1)?.next.get(2) === 71)
    expect([...next.keys()]).toEqual([0, 1, 2])
  })

  test('goes on at once when the wall clock is set back an hour, and an hour ahead', async () => {
    let aheadMs = 0
    pipeline.clock = { ...systemClock, nowMs: () => systemClock.nowMs() + aheadMs }
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 1, 'id-1')
    pipeline.members.assign(0)
    pipeline.startWriters()
    pipeline.startCommitter()
    start()
    pipeline.produce(0, 3)
    await arrived([3])
    for (const [setMs, end] of [
      [-3_600_000, 6],
      [3_600_000, 9],
    ] as const) {
      // The notice has named a slot, by the clock as it was.
      await systemClock.sleep(100)
      aheadMs += setMs
      pipeline.produce(0, 3)
      await arrived([end])
      const cutAtMs = pipeline.jobs.at(-1)?.cutAtMs ?? 0
      expect(Math.abs(cutAtMs - pipeline.clock.nowMs())).toBeLessThan(10_000)
    }
  })

  test('goes on with the others while a partition has no leader, and is not idle without it', async () => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 2, 'id-1')
    pipeline.produce(0, 30)
    pipeline.produce(1, 3)
    pipeline.members.assign(0, 1)
    pipeline.options = { untilIdle: true }
    let isAway = true
    const ends = pipeline.source.ends.bind(pipeline.source)
    pipeline.source.ends = async (...asked) => (await ends(...asked)).filter((each) => !isAway || each.partition === 0)
    pipeline.startWriters()
    pipeline.startCommitter()
    const { ended } = pipeline.run()
    let isEnded = false
    void ended.then(() => (isEnded = true))
    await until(() => pipeline.next(0) === 30)
    await systemClock.sleep(200)
    expect([isEnded, pipeline.next(1)]).toEqual([false, undefined])
    isAway = false
    await ended
    expect(pipeline.next(1)).toBe(3)
  })

  test('with --until-idle ends once all partitions of the topic, not only its own, are in', async () => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 2, 'id-1')
    pipeline.produce(0, 30)
    pipeline.produce(1, 3)
    pipeline.members.assign(0)
    pipeline.options = { untilIdle: true, batchTimeoutMs: 60_000, batchSize: 1000 }
    pipeline.startWriters()
    pipeline.startCommitter()
    const { ended } = pipeline.run()
    let isEnded = false
    void ended.then(() => (isEnded = true))
    await until(() => pipeline.next(0) === 30)
    await systemClock.sleep(600)
    expect(isEnded).toBe(false)
    await pipeline.commitActions([pipeline.txn(1, 'id-1', 3)])
    await ended
    expect(pipeline.jobs.every((job) => job.ranges.every((range) => range.partition === 0))).toBe(true)
  })

  test('with --until-idle on a stopped partition ends with its code, after everything else is in', async () => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 2, 'id-1')
    await pipeline.commitActions([pipeline.txn(0, 'id-1', 10), pipeline.txn(1, 'id-1', 0)])
    pipeline.produce(0, 40)
    pipeline.produce(1, 25)
    pipeline.source.log(topic, 0).deleteBelow(20)
    pipeline.members.assign(0, 1)
    pipeline.options = { untilIdle: true }
    pipeline.startWriters()
    pipeline.startCommitter()
    await expect(pipeline.run().ended).rejects.toMatchObject({ code: 'partition/retention-gap' })
    expect(pipeline.next(1)).toBe(25)
  })

  test('with --until-idle ends with the code of a partition that is stopped at another member', async () => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 2, 'id-1')
    await pipeline.commitActions([pipeline.txn(0, 'id-1', 10), pipeline.txn(1, 'id-1', 0)])
    pipeline.produce(0, 40)
    pipeline.produce(1, 25)
    pipeline.source.log(topic, 0).deleteBelow(20)
    pipeline.members.assign(1)
    pipeline.options = { untilIdle: true }
    pipeline.startWriters()
    pipeline.startCommitter()
    await expect(pipeline.run().ended).rejects.toMatchObject({ code: 'partition/retention-gap' })
    expect(pipeline.next(1)).toBe(25)
  })

  test('with --until-idle ends at the end of a topic that was made anew before anything of it was committed', async () => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 1, 'id-1')
    pipeline.produce(0, 30)
    pipeline.members.assign(0)
    pipeline.options = { untilIdle: true }
    pipeline.startWriters()
    const { ended } = pipeline.run()
    await until(() => pipeline.isReady)
    pipeline.source.createTopic(topic, 1, 'id-2')
    pipeline.produce(0, 3)
    await pipeline.commitActions([pipeline.txn(0, 'id-2', 3)])
    await ended
  })

  test('goes on to say why the group gives it nothing, once the table is there too', async () => {
    start()
    pipeline.members.delay(new SiltError('unavailable', 'source/topic-missing', 'check KAFKA_TOPIC'))
    await until(() => pipeline.waiting.at(-1)?.includes('DELTA_TABLE_PATH') === true)
    await pipeline.createTable()
    await until(() => pipeline.waiting.at(-1) === 'check KAFKA_TOPIC')
    pipeline.source.createTopic(topic, 1, 'id-1')
    pipeline.members.assign(0)
    pipeline.startCommitter()
    await until(() => pipeline.isReady)
  })

  test.each(['writeQueue', 'commitQueue'] as const)('plans again what a lost %s held', async (which) => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 2, 'id-1')
    pipeline.members.assign(0, 1)
    pipeline.startCommitter()
    start()
    await until(() => pipeline.next(1) === 0)
    pipeline.produce(0, 40)
    pipeline.produce(1, 40)
    if (which === 'commitQueue') {
      let isFirst = true
      pipeline.onJob = async () => {
        if (isFirst) await systemClock.sleep(30)
        isFirst = false
        return undefined
      }
      pipeline.startWriters()
      await until(() => pipeline.jobs.length > 0)
      pipeline.queues.flush()
    } else {
      await systemClock.sleep(100)
      pipeline.queues.flush()
      pipeline.startWriters()
    }
    await arrived([40, 40])
  })

  test('plans the rest of a short return at once and alone', async () => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 2, 'id-1')
    pipeline.members.assign(0, 1)
    pipeline.options = { replanAfterMs: 60_000, replanAfterMaxMs: 60_000 }
    let isFirst = true
    pipeline.onJob = (job) => {
      const [range] = job.ranges
      if (!isFirst || range === undefined || job.ranges.length < 2) return Promise.resolve(undefined)
      isFirst = false
      return Promise.resolve([{ ...range, endExclusive: range.start + 4 }])
    }
    pipeline.startWriters()
    pipeline.startCommitter()
    pipeline.produce(0, 20)
    pipeline.produce(1, 20)
    start()
    await arrived([20, 20])
    const ranges = pipeline.jobs.map((job) =>
      job.ranges.map(({ partition, start: from, endExclusive }) => [partition, from, endExclusive]),
    )
    expect(ranges).toContainEqual([[0, 4, 20]])
    expect(ranges).toContainEqual([[1, 0, 20]])
  })

  test('with a zombie beside it loses nothing: what the zombie overtook is planned again alone', async () => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 2, 'id-1')
    pipeline.members.assign(0, 1)
    pipeline.startWriters()
    pipeline.startCommitter()
    start()
    await until(() => pipeline.next(1) === 0)
    let isFirst = true
    pipeline.onJob = async (job) => {
      const [range] = job.ranges
      if (!isFirst || range?.start !== 0) return undefined
      isFirst = false
      await pipeline.commitActions([pipeline.txn(0, 'id-1', 7)])
      return undefined
    }
    pipeline.produce(0, 20)
    pipeline.produce(1, 20)
    await arrived([20, 20])
  })

  test('after a rebalance plans only what it owns now, under the new generation', async () => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 2, 'id-1')
    pipeline.members.assign(0, 1)
    pipeline.startWriters()
    pipeline.startCommitter()
    start()
    pipeline.produce(0, 20)
    pipeline.produce(1, 20)
    await arrived([20, 20])
    pipeline.members.assign(1)
    await systemClock.sleep(50)
    pipeline.produce(0, 20)
    pipeline.produce(1, 20)
    await arrived([20, 40])
    await systemClock.sleep(300)
    expect(pipeline.next(0)).toBe(20)
    pipeline.members.assign(0, 1)
    await arrived([40, 40])
    expect(pipeline.members.reports.at(-1)?.generation).toBe(3)
  })

  test('a partition added to the topic later starts at earliest, whatever START_FROM says', async () => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 2, 'id-1')
    pipeline.produce(0, 30)
    pipeline.produce(1, 40)
    pipeline.options = { startFrom: { kind: 'latest' } }
    pipeline.members.assign(0, 1)
    pipeline.startWriters()
    pipeline.startCommitter()
    start()
    await arrived([30, 40])
    expect(pipeline.jobs).toEqual([])
    expect(pipeline.starts.map((each) => each.partition)).toEqual([1, 0])
    pipeline.source.addPartitions(topic, 1)
    pipeline.produce(2, 15)
    pipeline.members.assign(0, 1, 2)
    await arrived([30, 40, 15])
    expect(pipeline.starts.at(-1)).toEqual({ partition: 2, offset: 0 })
  })
})

describe('a stopped partition', () => {
  const stops = (): unknown[] =>
    pipeline.gauges
      .filter((each) => each.name === 'silt_partition_stopped')
      .map((each) => [each.labels['code'], each.value])

  test('with a retention gap is not skipped over, others go on, and it goes on once the gap is accepted', async () => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 2, 'id-1')
    await pipeline.commitActions([pipeline.txn(0, 'id-1', 10), pipeline.txn(1, 'id-1', 0)])
    pipeline.produce(0, 40)
    pipeline.produce(1, 20)
    pipeline.source.log(topic, 0).deleteBelow(25)
    pipeline.members.assign(0, 1)
    pipeline.startWriters()
    pipeline.startCommitter()
    start()
    await until(() => pipeline.next(1) === 20 && stops().length === 1)
    expect(stops()).toEqual([['partition/retention-gap', 1]])
    expect(pipeline.next(0)).toBe(10)
    await pipeline.commitActions([pipeline.txn(0, 'id-1', 25)])
    await arrived([40, 20])
    expect(stops()).toEqual([
      ['partition/retention-gap', 1],
      ['partition/retention-gap', 0],
    ])
  })

  test('of a topic made anew stops, also while it runs, and goes on once restarted', async () => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 1, 'id-1')
    pipeline.produce(0, 20)
    pipeline.members.assign(0)
    pipeline.startWriters()
    pipeline.startCommitter()
    start()
    await arrived([20])
    pipeline.source.createTopic(topic, 1, 'id-2')
    pipeline.produce(0, 60)
    await until(() => stops().length === 1)
    expect(stops()).toEqual([['partition/topic-recreated', 1]])
    expect(pipeline.next(0, 'id-1')).toBe(20)
    expect(pipeline.starts).toHaveLength(1)
    await pipeline.commitActions([pipeline.txn(0, 'id-2', 0)])
    await arrived([60], 'id-2')
  })

  test('whose log was truncated below txn stops until it is restarted', async () => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 1, 'id-1')
    pipeline.produce(0, 20)
    pipeline.members.assign(0)
    pipeline.startWriters()
    pipeline.startCommitter()
    start()
    await arrived([20])
    pipeline.source.log(topic, 0).truncateTo(12)
    await until(() => stops().length === 1)
    expect(stops()).toEqual([['partition/end-below-txn', 1]])
    pipeline.produce(0, 3)
    await pipeline.commitActions([pipeline.txn(0, 'id-1', 12, 1)])
    await until(() => pipeline.jobs.at(-1)?.ranges[0]?.restart === 1)
  })

  test('a source outage is waited out', async () => {
    await pipeline.createTable()
    pipeline.source.createTopic(topic, 1, 'id-1')
    pipeline.members.assign(0)
    pipeline.startWriters()
    pipeline.startCommitter()
    start()
    await until(() => pipeline.isReady)
    pipeline.source.setOutage(true)
    await until(() => !pipeline.isReady)
    pipeline.source.setOutage(false)
    pipeline.produce(0, 30)
    await arrived([30])
    expect(pipeline.isReady).toBe(true)
  })
})
