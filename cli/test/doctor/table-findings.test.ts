import { eventTableSchema, formatProperty } from '@silt/contracts'
import { struct } from '@silt/core'
import type { TableState } from '@silt/delta'
import { expect, test } from 'vitest'
import { partitionFindings, tableFindings } from '../../src/doctor/table-checks.ts'
import type { PartitionReport } from '../../src/partition/partition-report.ts'

const state = (configuration: Readonly<Record<string, string>>): TableState => ({
  version: 7,
  protocol: { minReaderVersion: 1, minWriterVersion: 2 },
  metadata: {
    id: 't',
    format: { provider: 'parquet', options: {} },
    schemaString: '',
    partitionColumns: [],
    configuration,
  },
  schema: struct(eventTableSchema.fields),
  txns: new Map(),
  domains: new Map(),
})
const calm = { paused: null, parked: null }

test('a table of another engine, of a newer Silt, parked or paused is told with what to do', () => {
  const ours = state({ [formatProperty]: '1' })
  const wrong = (...given: Parameters<typeof tableFindings>): unknown =>
    tableFindings(...given).flatMap(({ check, outcome, remedy }) =>
      outcome === 'ok' ? [] : [[check, outcome, remedy]],
    )
  expect(wrong('s3://t', ours, calm)).toEqual([])
  expect(wrong('s3://t', state({}), calm)).toEqual([['table', 'fail', expect.stringContaining('silt table adopt')]])
  expect(wrong('s3://t', state({ [formatProperty]: '9' }), calm)).toEqual([['table', 'fail', 'run a newer Silt']])
  const paused = { version: 3, since: 'yesterday', by: 'ann', reason: null }
  expect(wrong('s3://t', ours, { paused, parked: 'version 5 is a RESTORE' })).toEqual([
    ['table parked', 'fail', expect.stringContaining('silt table resume --reason')],
    ['table paused', 'warn', 'silt table resume'],
  ])
})

test('stopped partitions are told one by one, else what is left to do', () => {
  const report = (partition: number, assessment: object): PartitionReport =>
    ({
      topicPartition: { partition, topicId: 'id' },
      ends: { partition, logStart: 0, readableEnd: 50 },
      assessment,
    }) as unknown as PartitionReport
  const going = report(0, { kind: 'ok', progress: { next: 20 } })
  const stopped = report(1, { kind: 'stopped', code: 'c', message: 'cut short', remedy: 'silt partition restart 1' })
  expect(partitionFindings([going, report(1, { kind: 'unseen' })])).toMatchObject([
    { outcome: 'ok', detail: 'none of 2 is stopped; 80 offsets are not committed yet' },
  ])
  expect(partitionFindings([going, stopped])).toEqual([
    {
      check: 'partitions',
      outcome: 'fail',
      detail: 'partition 1 is stopped: cut short',
      remedy: 'silt partition restart 1',
    },
  ])
})
