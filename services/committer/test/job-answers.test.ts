import { SaidOnce } from '@silt/core'
import { noMetrics, silentLog } from '@silt/core/testing'
import { expect, it } from 'vitest'
import { reportEnd } from '../src/job-answers.ts'
import { startJob } from './support/jobs.ts'

it('a job of another table is an error once for each, every other refusal each time', () => {
  const errors: string[] = []
  const log = { ...silentLog, error: (_fields: unknown, message: string) => void errors.push(message) }
  const deps = { log, metrics: noMetrics, otherTables: new SaidOnce() }
  const report = (tableId: string, reason: string): void => {
    const end = { answer: () => undefined, giveBack: () => undefined }
    const held = { job: startJob(tableId, 0), arrivedMs: 0, arrivedReading: 0, end }
    reportEnd(deps, 't', { held, outcome: 'refused', reason, message: `${reason} ${tableId}` })
  }
  for (const tableId of ['a', 'a', 'b', 'a']) report(tableId, 'other-table')
  report('a', 'other-topic-id')
  report('a', 'other-topic-id')
  expect(errors.map((each) => each.replace('commit job refused: ', ''))).toEqual([
    'other-table a',
    'other-table b',
    'other-topic-id a',
    'other-topic-id a',
  ])
})
