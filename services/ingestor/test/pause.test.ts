import { systemClock } from '@silt/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Pipeline, topic, until } from './support/pipeline.ts'

let pipeline: Pipeline
let stop: () => Promise<void> = () => Promise.resolve()

beforeEach(async () => {
  pipeline = new Pipeline()
  await pipeline.createTable()
  pipeline.source.createTopic(topic, 2, 'id-1')
  pipeline.members.assign(0, 1)
  pipeline.startWriters()
  pipeline.startCommitter()
})
afterEach(async () => {
  await stop()
  stop = () => Promise.resolve()
})

const paused = (): number | undefined =>
  pipeline.gauges.filter((each) => each.name === 'silt_table_paused').at(-1)?.value

test('an ingestor cuts nothing while the table is paused, stays ready and says so, and goes on by itself', async () => {
  stop = pipeline.run().stop
  pipeline.produce(0, 5)
  await until(() => pipeline.next(0) === 5 && pipeline.next(1) === 0)
  await pipeline.decide('pause')
  await until(() => paused() === 1)
  const cut = pipeline.jobs.length
  pipeline.produce(0, 30)
  pipeline.produce(1, 300)
  await systemClock.sleep(400)
  expect([pipeline.jobs.length, pipeline.isReady]).toEqual([cut, true])
  expect(pipeline.notes.at(-1)).toContain('silt table resume')
  await pipeline.decide('unpause')
  await until(() => pipeline.next(0) === 35 && pipeline.next(1) === 300)
  expect([paused(), pipeline.notes.at(-1)]).toEqual([0, ''])
})

test('what was in flight when it was paused is committed on release, and is not written again meanwhile', async () => {
  stop = pipeline.run().stop
  await until(() => pipeline.next(1) === 0)
  const held = Promise.withResolvers<undefined>()
  pipeline.onJob = () => held.promise
  pipeline.produce(0, 20)
  await until(() => pipeline.jobs.length === 1)
  await pipeline.decide('pause')
  held.resolve(undefined)
  await until(() => paused() === 1)
  // Several times REPLAN_AFTER_MS.
  await systemClock.sleep(900)
  expect([pipeline.jobs.length, pipeline.next(0)]).toEqual([1, 0])
  await pipeline.decide('unpause')
  await until(() => pipeline.next(0) === 20)
  expect(pipeline.jobs).toHaveLength(1)
})

test('what a lost queue held while it was paused is planned again after its release', async () => {
  stop = pipeline.run().stop
  await until(() => pipeline.next(1) === 0)
  await pipeline.decide('pause')
  await until(() => paused() === 1)
  pipeline.produce(0, 20)
  pipeline.queues.flush()
  await pipeline.decide('unpause')
  await until(() => pipeline.next(0) === 20)
})

test('the end of a pause is seen while the source is away', async () => {
  pipeline.options = { topicPollMs: 20 }
  stop = pipeline.run().stop
  await until(() => pipeline.next(1) === 0)
  await pipeline.decide('pause')
  await until(() => paused() === 1)
  pipeline.source.setOutage(true)
  await until(() => pipeline.waiting.length > 0)
  await pipeline.decide('unpause')
  await until(() => paused() === 0)
})

test('a partition is not begun while the table is paused', async () => {
  await pipeline.decide('pause')
  stop = pipeline.run().stop
  await until(() => paused() === 1)
  await systemClock.sleep(200)
  expect(pipeline.starts).toEqual([])
  await pipeline.decide('unpause')
  await until(() => pipeline.next(0) === 0 && pipeline.next(1) === 0)
})

test('--until-idle ends with what is to be done, and well where nothing waits', async () => {
  pipeline.options = { untilIdle: true }
  await pipeline.commitActions([pipeline.txn(0, 'id-1', 0), pipeline.txn(1, 'id-1', 0)])
  await pipeline.decide('pause')
  await pipeline.run().ended
  pipeline.produce(0, 1)
  await expect(pipeline.run().ended).rejects.toMatchObject({ code: 'table/paused', kind: 'unsupported' })
})
