import { field, struct, type DataType, type StructType } from '@silt/core'
import { describe, expect, it } from 'vitest'
import {
  encodeCommitJob,
  encodeCommitNotice,
  encodeCommitRecord,
  encodeWriteJob,
  encodeWriteResult,
  eventTableSchema,
  parseCommitJob,
  parseCommitNotice,
  parseCommitRecord,
  parseWriteJob,
  parseWriteResult,
  type CommitNotice,
  type CommitRecord,
  type StartCommitJob,
  type UnitCommitJob,
  type WriteJob,
  type WriteResult,
} from '../src/index.ts'

const big = Number.MAX_SAFE_INTEGER

const writeJob: WriteJob = {
  v: 1,
  tableId: 'table',
  topic: 'events',
  topicId: null,
  unitId: '0123456789abcdef',
  ranges: [
    { partition: 0, start: 5, endExclusive: 9, restart: 0 },
    { partition: 3, start: big - 2, endExclusive: big, restart: 2 },
  ],
  cutAtMs: 1_700_000_000_000,
  full: false,
}

const unitJob: UnitCommitJob = {
  v: 1,
  kind: 'unit',
  tableId: 'table',
  topic: 'events',
  topicId: 'id',
  unitId: '0123456789abcdef',
  ranges: [{ partition: 1, start: 0, endExclusive: 10, restart: 0, read: 7, rows: 6, deadLetters: 1, gaps: 3 }],
  full: true,
  cutAtMs: 1,
  schema: struct([
    ...eventTableSchema.fields,
    field('price', 'decimal(10,2)'),
    field('tags', { type: 'map', keyType: 'string', valueType: 'long', valueContainsNull: true }),
  ]),
  layout: '0123456789abcdef',
  adds: [{ path: 'part-1', partitionValues: { event_date: null }, size: 1, modificationTime: 2, dataChange: true }],
  deadLetterAdds: [
    {
      path: 'part-2',
      partitionValues: {},
      size: 1,
      modificationTime: 2,
      dataChange: true,
      stats: '{}',
      tags: { a: 'b' },
    },
  ],
  putAt: 3,
}

const startJob: StartCommitJob = {
  v: 1,
  kind: 'start',
  tableId: 'table',
  topic: 'events',
  topicId: 'id',
  partition: 4,
  offset: 77,
  first: 77,
}

const overWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown
const code = (act: () => unknown): unknown => {
  try {
    act()
  } catch (error) {
    return { code: (error as { code: string }).code, message: (error as Error).message }
  }
  return 'no error'
}

describe('what crosses the queues', () => {
  it('comes back as it was sent, offsets beyond 2^53 excluded', () => {
    expect(parseWriteJob(overWire(encodeWriteJob(writeJob)))).toEqual(writeJob)
    const apart: WriteJob = { ...writeJob, apart: true }
    expect(parseWriteJob(overWire(encodeWriteJob(apart)))).toEqual(apart)
    expect(parseCommitJob(overWire(encodeCommitJob(unitJob)))).toEqual(unitJob)
    expect(parseCommitJob(overWire(encodeCommitJob(startJob)))).toEqual(startJob)
    const notice: CommitNotice = {
      outcome: 'stale',
      version: 9,
      txn: { '3': 10 },
      nextSlot: 11,
      ranges: [{ partition: 3, start: 0, endExclusive: 10, read: 10 }],
    }
    expect(parseCommitNotice(overWire(encodeCommitNotice(notice)))).toEqual(notice)
    const results: readonly WriteResult[] = [
      { outcome: 'written', ranges: notice.ranges, bytes: 5 },
      { outcome: 'behind' },
      { outcome: 'decoder-died', ranges: [{ partition: 1, start: 3, endExclusive: 9, middle: 4 }] },
      { outcome: 'decoder-died', ranges: [{ partition: 1, start: 3, endExclusive: 4, middle: null }] },
      { outcome: 'refused', code: 'a/b', message: '' },
    ]
    for (const result of results) expect(parseWriteResult(overWire(encodeWriteResult(result)))).toEqual(result)
  })

  it('has the schema of a table however deep that is nested', () => {
    const nested = (levels: number): StructType =>
      struct([
        field(
          'a',
          Array.from({ length: levels }).reduce<DataType>((type) => struct([field('a', type)]), 'long'),
        ),
      ])
    const job = { ...unitJob, schema: nested(300) }
    expect(parseCommitJob(overWire(encodeCommitJob(job)))).toEqual(job)
  })

  it('may carry members this code does not know', () => {
    expect(parseWriteJob({ ...writeJob, later: 1 })).toEqual(writeJob)
    expect(parseCommitJob({ ...startJob, later: [] })).toEqual(startJob)
  })

  it('of a newer version is left to a newer process, whatever else it holds', () => {
    const newer = { code: 'job/newer-version', message: 'the job has version 2, this process reads up to 1' }
    expect(code(() => parseWriteJob({ v: 2 }))).toEqual(newer)
    expect(code(() => parseCommitJob({ v: 2, kind: 'unheard-of' }))).toEqual(newer)
    expect(code(() => parseCommitJob({ ...unitJob, v: 2 }))).toEqual(newer)
  })
})

describe('a malformed job is refused with the place of its fault', () => {
  it('a decoder that died over nothing, or is to be cut where there is nothing on one side', () => {
    const died = (range: object): unknown => parseWriteResult({ outcome: 'decoder-died', ranges: [range] })
    const whole = { partition: 1, start: 3, endExclusive: 9, middle: 4 }
    const fault = (path: string): unknown =>
      expect.objectContaining({ message: expect.stringContaining(path) as string })
    expect(code(() => died({ ...whole, endExclusive: 3 }))).toEqual(fault('result.ranges[0].endExclusive'))
    for (const middle of [3, 9, -1])
      expect(code(() => died({ ...whole, middle }))).toEqual(fault('result.ranges[0].middle'))
  })

  const range = unitJob.ranges[0]
  const faults: readonly [string, unknown, string][] = [
    ['not an object', 7, 'job should be an object'],
    ['no table', { ...unitJob, tableId: undefined }, 'job.tableId should be text'],
    ['topic with a colon', { ...unitJob, topic: 'a:b' }, 'job.topic should be a topic name without ":"'],
    ['unit id', { ...unitJob, unitId: 'xyz' }, 'job.unitId should be 16 hex digits'],
    ['no range', { ...unitJob, ranges: [] }, 'job.ranges should be a list of at least one range'],
    ['two of one partition', { ...unitJob, ranges: [range, range] }, 'not two of partition 1'],
    [
      'empty range',
      { ...unitJob, ranges: [{ ...range, start: 10 }] },
      'job.ranges[0].endExclusive should be more than',
    ],
    ['inexact offset', { ...unitJob, ranges: [{ ...range, start: 2 ** 53 }] }, 'job.ranges[0].start should be a safe'],
    ['read does not add up', { ...unitJob, ranges: [{ ...range, rows: 7 }] }, 'job.ranges[0].read should be rows +'],
    ['gaps do not add up', { ...unitJob, ranges: [{ ...range, gaps: 2 }] }, 'job.ranges[0].gaps should be'],
    [
      'same file twice',
      { ...unitJob, adds: [...unitJob.adds, ...unitJob.adds] },
      'job.adds should be a list that names',
    ],
    ['type unknown', { ...unitJob, schema: struct([field('a', 'blob' as 'string')]) }, 'job.schema.fields[0].type'],
    ['kind unknown', { ...unitJob, kind: 'later' }, 'job.kind should be one of unit, start'],
    ['first is not the offset', { ...startJob, first: 0 }, 'job.first should be the offset, 77'],
  ]
  it.each(faults)('%s', (_name, job, message) => {
    const fault = code(() => parseCommitJob(overWire(job)))
    expect(fault).toMatchObject({ code: 'data/job-malformed', message: expect.stringContaining(message) as string })
  })

  it('a type nested beyond the bound', () => {
    let type: object = { type: 'array', elementType: 'string', containsNull: true }
    for (let level = 0; level < 600; level++) type = { type: 'array', elementType: type, containsNull: true }
    const schema = { type: 'struct', fields: [{ name: 'a', type, nullable: true, metadata: {} }] }
    expect(code(() => parseCommitJob({ ...unitJob, schema }))).toMatchObject({ code: 'data/job-malformed' })
  })
})

describe('the record in commitInfo', () => {
  const record: CommitRecord = {
    v: 1,
    units: [{ unitId: unitJob.unitId, topic: 'events', topicId: null, ranges: unitJob.ranges }],
    deadLetters: unitJob.deadLetterAdds,
    decisions: [
      { kind: 'resume', reason: 'looked at it', atVersion: 4, by: 'me' },
      { kind: 'pause', reason: '', by: 'me' },
      { kind: 'unpause', reason: 'done', by: 'me' },
      { kind: 'adopt', startFrom: 'earliest', by: 'me' },
      { kind: 'restart', topic: 'events', topicId: null, partition: 1, restart: 2, at: 3, by: 'me' },
      { kind: 'accept-gap', topic: 'events', topicId: null, partition: 1, restart: 2, from: 3, to: 5, by: 'me' },
    ],
  }

  it('comes back as it was written', () => {
    expect(parseCommitRecord(overWire(encodeCommitRecord(record)))).toEqual(record)
  })

  it('is absent in a commit of another engine, and leaves out decisions it does not know', () => {
    expect(parseCommitRecord(undefined)).toBeUndefined()
    const later = { ...record, decisions: [{ kind: 'later' }, record.decisions[0]] }
    expect(parseCommitRecord(later)?.decisions).toEqual([record.decisions[0]])
  })
})
