import { ManualClock } from '@silt/core/testing'
import type { TraceSpan } from '@silt/core'
import { expect, it } from 'vitest'
import type { HeldUnit } from '../src/held-jobs.ts'
import { traceCommitted, traceEnded } from '../src/trace-commit.ts'
import { unitJob } from './support/jobs.ts'

const end = { answer: () => undefined, giveBack: () => undefined }
const job = unitJob('table', [[0, 0, 5]])

function traced(clock: ManualClock) {
  const told: [string, TraceSpan][] = []
  const part = (id: string, span: TraceSpan) => void told.push([id, span])
  return { told, deps: { clock, traces: { part, whole: () => undefined } } }
}

it('tells of each unit how long it was held and which version it went into', async () => {
  const clock = new ManualClock(1_000_000)
  const { told, deps } = traced(clock)
  const arrivedMs = clock.monotonicMs()
  await clock.advance(400)
  const beganMs = clock.monotonicMs()
  await clock.advance(30)
  const held: HeldUnit = { job, arrivedMs, arrivedReading: 0, end }
  traceCommitted(deps, { units: [held], starts: [], schema: job.schema }, beganMs, 7)
  const nowMs = clock.nowMs()
  expect(told).toMatchObject([
    [job.unitId, { name: 'held', startMs: nowMs - 430, endMs: nowMs - 30 }],
    [job.unitId, { name: 'commit', startMs: nowMs - 30, endMs: nowMs, attributes: { 'silt.version': 7 } }],
  ])
})

it('tells why a unit was dropped; a duplicate is no failure', () => {
  const clock = new ManualClock(1_000_000)
  const { told, deps } = traced(clock)
  const held: HeldUnit = { job, arrivedMs: clock.monotonicMs(), arrivedReading: 0, end }
  traceEnded(deps, { held, outcome: 'stale', reason: 'deadline' })
  traceEnded(deps, { held, outcome: 'duplicate', reason: 'duplicate' })
  expect(told.map(([, { failure }]) => failure)).toEqual(['stale: deadline', undefined])
})
