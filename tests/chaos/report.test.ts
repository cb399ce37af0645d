import { expect, test } from 'vitest'
import type { WindowFreshness } from './freshness.ts'
import { faultsFound, markdownReport, type ChaosResult } from './report.ts'
import { settledRun } from './settled-run.ts'

const window: WindowFreshness = {
  window: 1,
  faults: 3,
  freshAfterMs: 4_000,
  calmAgeMs: 2_500,
  isFresh: true,
  longestStallMs: 21_000,
  stalledFromMs: 0,
  causes: ['kill-broker 2'],
}

const passed: ChaosResult = {
  ...settledRun,
  seed: 5,
  minutes: 3,
  commit: 'abc1234',
  faultsByKind: { 'kill-broker': 1, 'flush-redis': 2 },
  botched: [],
  windows: [window],
  restarts: { 'writer-0': 2 },
}

test('a run in which all is as it must be has no fault', () => {
  expect(faultsFound(passed)).toEqual([])
  const report = markdownReport(passed)
  expect(report).toContain('`npm run chaos -- --minutes 3 --seed 5` at abc1234: **passed**')
  expect(report).toContain('| 1 | 3 | 4.0 s | 2.5 s | 21.0 s | kill-broker 2 |')
  expect(report).toContain('| faults | 3, 2 of 22 kinds |')
})

test.each<[string, Partial<ChaosResult>]>([
  ['lost: 1 (o-17)', { count: { ...passed.count, lost: ['o-17'] } }],
  ['twice: 1 (o-18)', { count: { ...passed.count, twice: ['o-18'] } }],
  ['in the table, not in the topic: 1 (t1-3 at 0:1)', { count: { ...passed.count, foreign: ['t1-3 at 0:1'] } }],
  ['the topic is not what', { count: { ...passed.count, topicFaults: ['promised, yet not readable: o-1'] } }],
  ['nothing was ever in the topic', { count: { ...passed.count, inTopic: 0 } }],
  ['window 1: not under 30.0 s within 60.0 s', { windows: [{ ...window, isFresh: false, freshAfterMs: 70_000 }] }],
  ['(not at all)', { windows: [{ ...window, isFresh: false, freshAfterMs: undefined }] }],
  ['no window was judged', { windows: [] }],
  ['what was readable did not all reach', { drainedAfterMs: undefined }],
  ['silt audit: loss', { auditVerdict: 'loss' }],
  ['silt table check --rows: exit 1', { tableCheckCode: 1 }],
  ['kind internal', { internalErrors: [['writer internal bug', 1]] }],
  ['ended by themselves: 1 (writer-0 with 1)', { selfEnded: [{ name: 'writer-0', code: 1 }] }],
  ['exit codes after SIGTERM: 1 (writer-0 1)', { exitCodes: { 'writer-0': 1 } }],
  ['the load failed', { loadFailures: ['t1 did not end'] }],
  ['faults that could not be done', { botched: ['kill-broker: not ready'] }],
])('a run fails by %s', (text, flaw) => {
  const found = faultsFound({ ...passed, ...flaw })
  expect(found).toHaveLength(1)
  expect(found[0]).toContain(text)
  expect(markdownReport({ ...passed, ...flaw })).toContain('**FAILED**')
})
