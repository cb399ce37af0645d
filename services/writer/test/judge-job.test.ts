import { partitionAppId, type WriteJob } from '@silt/contracts'
import { describe, expect, test } from 'vitest'
import { judgeJob } from '../src/judge-job.ts'

type State = Parameters<typeof judgeJob>[1]
const appId = (partition: number, restart = 0): string =>
  partitionAppId('silt', { topic: 't', topicId: 'id', partition, restart })
const state = (txns: [string, number][]): State => ({
  metadata: { id: 'table' } as State['metadata'],
  txns: new Map(txns),
})
const job = (ranges: [number, number, number, number?][], more: Partial<WriteJob> = {}): WriteJob => ({
  v: 1,
  unitId: 'u',
  tableId: 'table',
  topic: 't',
  topicId: 'id',
  ranges: ranges.map(([partition, start, endExclusive, restart = 0]) => ({ partition, start, endExclusive, restart })),
  cutAtMs: 0,
  full: false,
  ...more,
})

describe('a job', () => {
  const known = state([
    [appId(0), 10],
    [appId(1), 20],
  ])
  test.each([
    ['at txn goes on', job([[0, 10, 20]]), undefined],
    ['ahead of txn goes on', job([[0, 15, 20]]), undefined],
    [
      'with one range behind txn is behind',
      job([
        [0, 10, 20],
        [1, 19, 30],
      ]),
      { outcome: 'behind' },
    ],
    ['committed already is behind', job([[0, 5, 10]]), { outcome: 'behind' }],
    ['of another table is refused', job([[0, 10, 20]], { tableId: 'other' }), { code: 'writer/other-table' }],
    ['of another topic id is refused', job([[0, 10, 20]], { topicId: 'other' }), { code: 'writer/not-started' }],
    ['of an unknown partition is refused', job([[7, 0, 20]]), { code: 'writer/not-started' }],
    [
      'of an older restart is refused',
      job([[0, 10, 20]]),
      { code: 'writer/other-restart' },
      state([
        [appId(0), 10],
        [appId(0, 1), 0],
      ]),
    ],
  ] as const)('%s', (_, given, verdict, at: State = known) => {
    if (verdict === undefined) expect(judgeJob(given, at)).toBeUndefined()
    else expect(judgeJob(given, at)).toMatchObject(verdict)
  })
})
