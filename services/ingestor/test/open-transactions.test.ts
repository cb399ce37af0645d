import { expect, test } from 'vitest'
import { ManualClock } from '@silt/core/testing'
import { emptyPlan, withAssignment, withEnds } from '../src/plan-events.ts'
import { defaultIngestorOptions } from '../src/ingestor-options.ts'
import { OpenTransactions } from '../src/open-transactions.ts'
import { TransactionWatch } from '../src/transaction-watch.ts'
import { MemorySource } from '@silt/source'

const ends = (end: number) => new Map([[0, end]])

test('a last stable offset that stands below the high watermark is stuck since it was first seen so', () => {
  const open = new OpenTransactions()
  open.look(ends(10), ends(10), 0)
  expect(open.of(0, 10, 500)).toEqual({ offsets: 0, stuckMs: 0 })
  open.look(ends(15), ends(10), 1000)
  open.look(ends(40), ends(10), 6000)
  expect(open.of(0, 10, 8000)).toEqual({ offsets: 30, stuckMs: 7000 })
})

test('an end that moves is not stuck, however far behind, and one that caught up holds nothing back', () => {
  const open = new OpenTransactions()
  open.look(ends(15), ends(10), 1000)
  open.look(ends(30), ends(20), 6000)
  expect(open.of(0, 20, 7000)).toEqual({ offsets: 10, stuckMs: 1000 })
  expect(open.of(0, 25, 7000)).toEqual({ offsets: 5, stuckMs: 0 })
  expect(open.of(0, 30, 7000)).toEqual({ offsets: 0, stuckMs: 0 })
})

test('partitions that are no longer asked for are forgotten', () => {
  const open = new OpenTransactions()
  open.look(ends(15), ends(10), 1000)
  open.look(new Map(), new Map(), 2000)
  expect(open.of(0, 10, 9000)).toEqual({ offsets: 0, stuckMs: 0 })
})

test('the source is asked now and then, one question at a time, and its being away disturbs nothing', async () => {
  const clock = new ManualClock()
  const answers: ((end: Map<number, number>) => void)[] = []
  const failures: ((error: Error) => void)[] = []
  const source = Object.assign(new MemorySource({ clock }), {
    highWatermarks: () =>
      new Promise<Map<number, number>>((resolve, reject) => {
        answers.push(resolve)
        failures.push(reject)
      }),
  })
  const watch = new TransactionWatch(source, { topic: 'events', topicPollMs: 5000 })
  const settings = { ...defaultIngestorOptions, offsetUnit: 'record' } as const
  const truth = { partition: 0, topicId: 'id', restart: 0, next: 0 }
  const planned = withAssignment(emptyPlan(), 1, [truth], 0, clock.nowMs(), settings)
  const state = withEnds(planned, [{ partition: 0, logStart: 0, readableEnd: 10 }], clock.nowMs())
  watch.look(state, clock)
  await clock.advance(20_000)
  watch.look(state, clock)
  expect(answers).toHaveLength(1)
  failures[0]?.(new Error('away'))
  await clock.advance(1)
  watch.look(state, clock)
  answers[1]?.(new Map([[0, 12]]))
  await clock.advance(3000)
  expect(watch.of(0, 10, clock.nowMs())).toEqual({ offsets: 2, stuckMs: 3000 })
})
