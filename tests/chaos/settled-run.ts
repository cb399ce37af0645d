import type { Settled } from './report.ts'

/** The end of a run in which all is as it must be: what reports are tested with. */
export const settledRun: Settled = {
  restarts: { 'writer-0': 0 },
  selfEnded: [],
  internalErrors: [],
  races: [['commit job was in already', 3]],
  orphanFiles: 12,
  warnings: [['ingestor unavailable source/unavailable', 4]],
  exitCodes: { 'writer-0': 0 },
  loadFailures: [],
  drainedAfterMs: 3_000,
  table: { version: 90, files: 80, rows: 95, deadLetters: 5 },
  count: {
    promised: 98,
    aborted: 10,
    unknown: 4,
    unknownInTopic: 2,
    inTopic: 100,
    inTable: 100,
    topicFaults: [],
    lost: [],
    twice: [],
    foreign: [],
  },
  auditVerdict: 'proved',
  tableCheckCode: 0,
}
