import { eventTableSchema } from '@silt/contracts'
import { describe, expect, it } from 'vitest'
import { judgeStart, judgeUnit, type LedgerTable } from '../src/ledger.ts'
import { indexProgress } from '../src/progress-index.ts'
import { startJob, startMs, unitJob, type UnitShape } from './support/jobs.ts'

const tableOf = (txns: Readonly<Record<string, number>>): LedgerTable => ({
  id: 'table',
  schema: eventTableSchema,
  partitionColumns: [],
  progress: indexProgress(new Map(Object.entries(txns))),
  columnsMax: 200,
  putNotBeforeMs: startMs - 1000,
})
const table = tableOf({ 'silt:events:topic-id:0': 10, 'silt:events:topic-id:1': 20, 'silt-first:events:topic-id:0': 3 })
const judge = (ranges: readonly (readonly [number, number, number])[], shape?: UnitShape, of = table): string => {
  const verdict = judgeUnit(unitJob('table', ranges, shape), of)
  return 'reason' in verdict ? verdict.reason : 'code' in verdict ? verdict.code : verdict.kind
}

describe('a unit whose files were written under another layout', () => {
  const ranges = [[0, 10, 12]] as const
  const under = (job: string | undefined, of: string | undefined): string => {
    const unit = { ...unitJob('table', ranges), ...(job === undefined ? {} : { layout: job }) }
    const verdict = judgeUnit(unit, of === undefined ? table : { ...table, layout: of })
    return 'reason' in verdict ? verdict.reason : verdict.kind
  }

  it.each([
    ['none, and the table asks nothing', undefined, undefined, 'ready'],
    ['that of the table', 'a', 'a', 'ready'],
    ['none, and the table was given rules meanwhile', undefined, 'a', 'schema'],
    ['rules that the table no longer has', 'a', undefined, 'schema'],
    ['other rules', 'a', 'b', 'schema'],
  ])('%s', (_, job, of, wanted) => {
    expect(under(job, of)).toBe(wanted)
  })
})

describe('a unit', () => {
  it.each<[string, readonly (readonly [number, number, number])[], string]>([
    ['starts at txn', [[0, 10, 12]], 'ready'],
    [
      'all ranges start at txn',
      [
        [0, 10, 12],
        [1, 20, 21],
      ],
      'ready',
    ],
    ['is ahead', [[0, 11, 12]], 'held'],
    [
      'is ahead in one of its partitions',
      [
        [0, 10, 12],
        [1, 21, 22],
      ],
      'held',
    ],
    ['ends at txn', [[0, 5, 10]], 'duplicate'],
    [
      'all ranges are in',
      [
        [0, 5, 10],
        [1, 1, 2],
      ],
      'duplicate',
    ],
    ['crosses txn', [[0, 9, 12]], 'behind'],
    [
      'is in in one partition and ready in the other',
      [
        [0, 5, 10],
        [1, 20, 22],
      ],
      'behind',
    ],
    [
      'is in in one partition and ahead in the other',
      [
        [0, 5, 10],
        [1, 21, 22],
      ],
      'behind',
    ],
    ['has a partition without txn', [[7, 0, 5]], 'held'],
    [
      'has a partition without txn beside one that is behind',
      [
        [0, 5, 12],
        [7, 0, 5],
      ],
      'behind',
    ],
  ])('that %s', (_name, ranges, expected) => {
    expect(judge(ranges)).toBe(expected)
  })

  it('of another table, topic id or restart is refused, whatever its ranges', () => {
    expect(judge([[0, 10, 12]], { tableId: 'x' })).toBe('committer/other-table')
    expect(judge([[0, 10, 12]], { topicId: 'x' })).toBe('committer/other-topic-id')
    expect(judge([[0, 10, 12]], { topicId: null })).toBe('committer/other-topic-id')
    expect(judge([[0, 10, 12]], { restart: 1 })).toBe('committer/other-restart')
    const restarted = tableOf({ 'silt:events:topic-id:0': 10, 'silt:events:topic-id:0:1': 4 })
    expect(judge([[0, 10, 12]], {}, restarted)).toBe('committer/other-restart')
    expect(judge([[0, 4, 12]], { restart: 1 }, restarted)).toBe('ready')
  })

  it('of another partition under an id of its own is not refused: files have one each', () => {
    const files = tableOf({ 'silt:events:first-line-0:0': 10, 'silt:events:topic-id:1': 20 })
    expect(judge([[1, 20, 22]], {}, files)).toBe('ready')
    expect(judge([[0, 10, 12]], {}, files)).toBe('committer/other-topic-id')
  })

  it('of the new id of a topic that an operator restarted is taken', () => {
    const restarted = tableOf({ 'silt:events:old:0': 10, 'silt:events:topic-id:0': 0 })
    expect(judge([[0, 0, 2]], {}, restarted)).toBe('ready')
  })

  it('whose files were put too long ago is stale, to the millisecond', () => {
    expect(judge([[0, 10, 12]], { putAt: startMs - 1000 })).toBe('ready')
    expect(judge([[0, 10, 12]], { putAt: startMs - 1001 })).toBe('too-old')
    expect(judge([[0, 11, 12]], { putAt: startMs - 1001 })).toBe('too-old')
  })
})

describe('a start', () => {
  it.each<[string, ReturnType<typeof startJob>, string]>([
    ['of a new partition', startJob('table', 5), 'ready'],
    ['of one that has begun', startJob('table', 0), 'duplicate'],
    ['of a partition begun under another topic id', startJob('table', 0, 0, 'x'), 'refused'],
    ['of a new partition with a topic id of its own', startJob('table', 5, 0, 'x'), 'ready'],
    ['of another table', startJob('x', 5), 'refused'],
  ])('%s', (_name, job, expected) => {
    expect(judgeStart(job, table).kind).toBe(expected)
  })
})
