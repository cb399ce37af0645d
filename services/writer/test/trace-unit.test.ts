import { expect, test } from 'vitest'
import type { WriteJob } from '@silt/contracts'
import { SiltError, type TraceSpan } from '@silt/core'
import { ManualClock } from '@silt/core/testing'
import { tracedUnit } from '../src/trace-unit.ts'

const job: WriteJob = {
  v: 1,
  unitId: '0123456789abcdef',
  tableId: 'table',
  topic: 'events',
  topicId: 'id',
  ranges: [{ partition: 0, restart: 0, start: 0, endExclusive: 5 }],
  cutAtMs: 1000,
  full: false,
}
const written = {
  outcome: 'written',
  ranges: [{ partition: 0, start: 0, endExclusive: 5, read: 5 }],
  bytes: 99,
} as const

function traced(clock: ManualClock) {
  const told: TraceSpan[] = []
  const part = (_id: string, span: TraceSpan) => void told.push(span)
  return { told, deps: { clock, traces: { part, whole: () => undefined } } }
}

test('what a writer did is told with where the time went', async () => {
  const clock = new ManualClock(5000)
  const { told, deps } = traced(clock)
  const result = await tracedUnit(deps, job, async (laps) => {
    Object.assign(laps, { follow: 1, read: 20, encode: 5, put: 30, publish: 2 })
    await clock.advance(58)
    return written
  })
  expect(result).toBe(written)
  const [wait, write] = told
  expect(wait).toMatchObject({ name: 'wait for a writer', startMs: 1000, endMs: 5000 })
  expect(write).toMatchObject({ startMs: 5000, endMs: 5058, attributes: { 'silt.records': 5, 'silt.bytes': 99 } })
  expect(write?.children?.map(({ name, startMs, endMs }) => [name, startMs, endMs])).toEqual([
    ['read the log', 5000, 5001],
    ['fetch', 5001, 5021],
    ['decode and encode', 5021, 5026],
    ['put files', 5026, 5056],
    ['publish the commit job', 5056, 5058],
  ])
})

test('a job that is put back is told with its code, and thrown on', async () => {
  const { told, deps } = traced(new ManualClock(5000))
  const away = new SiltError('unavailable', 'store/unavailable', 'the store is away')
  await expect(tracedUnit(deps, job, () => Promise.reject(away))).rejects.toBe(away)
  expect(told[1]).toMatchObject({ failure: 'the store is away', attributes: { 'silt.code': 'store/unavailable' } })
})

test('a unit that is behind is no failure, and a clock that lags makes no span of negative length', async () => {
  const { told, deps } = traced(new ManualClock(400))
  await tracedUnit(deps, job, () => Promise.resolve({ outcome: 'behind' }))
  expect(told[0]).toMatchObject({ startMs: 400, endMs: 400 })
  expect(told[1]).not.toHaveProperty('failure')
})
