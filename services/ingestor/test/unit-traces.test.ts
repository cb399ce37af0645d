import { expect, test } from 'vitest'
import type { TraceSpan } from '@silt/core'
import { emptyPlan, withAssignment } from '../src/plan-events.ts'
import { defaultIngestorOptions } from '../src/ingestor-options.ts'
import type { OutstandingUnit, PlanState } from '../src/plan-state.ts'
import { UnitTraces } from '../src/unit-traces.ts'

const settings = { ...defaultIngestorOptions, offsetUnit: 'record' } as const
const unit: OutstandingUnit = {
  unitId: '0123456789abcdef',
  topicId: 'id',
  ranges: [{ partition: 0, restart: 0, start: 0, endExclusive: 40 }],
  kind: 'small',
  cutAtMs: 100,
  attempts: 2,
  apart: false,
  short: false,
}

function planned(next: number, units: readonly OutstandingUnit[]): PlanState {
  const truth = { partition: 0, topicId: 'id', restart: 0, next }
  const state = withAssignment(emptyPlan(), 1, [truth], 0, 0, settings)
  return { ...state, units: new Map(units.map((each) => [each.unitId, each])) }
}

function traced() {
  const told: [string, TraceSpan][] = []
  const traces = { whole: (id: string, span: TraceSpan) => void told.push([id, span]), part: () => undefined }
  return { told, traces: new UnitTraces(traces, (ms) => 10_000 + ms, { table: 't', topic: 'events' }) }
}

test('a unit is told once, when it is committed, from its cut on', () => {
  const { told, traces } = traced()
  traces.look(planned(0, [unit]), 150)
  traces.look(planned(0, [unit]), 200)
  const committed = planned(40, [])
  traces.look(committed, 900)
  traces.look(committed, 1000)
  expect(told).toHaveLength(1)
  expect(told[0]).toMatchObject([
    unit.unitId,
    {
      startMs: 10_100,
      endMs: 10_900,
      attributes: { 'silt.table': 't', 'silt.unit.offsets': 40, 'silt.unit.attempts': 2, 'silt.outcome': 'committed' },
    },
  ])
  expect(told[0]?.[1]).not.toHaveProperty('failure')
})

test('a unit that was given up before it was committed is told as such', () => {
  const { told, traces } = traced()
  traces.look(planned(0, [unit]), 150)
  traces.look(planned(20, []), 900)
  expect(told[0]?.[1].attributes).toMatchObject({ 'silt.outcome': 'planned anew' })
  expect(told[0]?.[1].failure).toContain('planned anew')
})
