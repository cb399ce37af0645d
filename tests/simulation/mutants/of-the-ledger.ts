import type { Mutant } from './mutant.ts'
import { beginUnasserted, growthUnasserted, placeUnasserted } from './second-lines.ts'

const ledger = 'services/committer/src/ledger.ts'
const groups = 'services/committer/src/group-commit.ts'
const bodies = 'services/committer/src/commit-actions.ts'
const atTxn = 'range.start === nextOf(unit, range.partition)'
const everyRange = 'unit.job.ranges.every((range) => range.start'

/** What the committer takes, and what it makes of it. */
export const mutantsOfTheLedger: readonly Mutant[] = [
  {
    name: 'txn-unchecked',
    invariant: 'I3',
    does: 'takes every unit of a partition that has begun, wherever its ranges start',
    patches: [
      { file: ledger, find: 'if (allIn) return', replace: 'if (false) return' },
      { file: ledger, find: 'if (behind) return', replace: 'if (false) return' },
      { file: groups, find: atTxn, replace: 'nextOf(unit, range.partition) !== undefined' },
      placeUnasserted,
      growthUnasserted,
    ],
    breaks: ['I2-twice', 'I3-overlap', 'I3-gap', 'I8-decreased'],
  },
  {
    name: 'commit-across-a-gap',
    invariant: 'I3',
    does: 'takes a unit that starts past txn: what lies between is lost',
    patches: [
      { file: groups, find: atTxn, replace: 'range.start >= (nextOf(unit, range.partition) ?? Infinity)' },
      placeUnasserted,
    ],
    breaks: ['I3-gap', 'I2-lost'],
  },
  {
    name: 'crossing-range-taken',
    invariant: 'I3',
    does: 'takes a unit that starts below txn and ends above it',
    patches: [
      { file: ledger, find: 'range.start < cursor.next', replace: 'range.endExclusive <= cursor.next' },
      { file: groups, find: atTxn, replace: 'range.start <= (nextOf(unit, range.partition) ?? -1)' },
      placeUnasserted,
    ],
    breaks: ['I3-overlap', 'I2-twice'],
  },
  {
    name: 'one-range-is-enough',
    invariant: 'I3',
    does: 'takes a shared unit as soon as one of its ranges starts at txn',
    patches: [
      { file: ledger, find: 'if (behind) return', replace: 'if (false) return' },
      { file: groups, find: everyRange, replace: 'unit.job.ranges.some((range) => range.start' },
      placeUnasserted,
      growthUnasserted,
    ],
    breaks: ['I3-overlap', 'I3-gap', 'I2-twice', 'I8-decreased'],
  },
  {
    name: 'group-forgets-its-own-ranges',
    invariant: 'I3',
    does: 'holds each unit of a commit against txn alone, not against the ranges placed before it in the same commit',
    patches: [
      {
        file: groups,
        find: 'moved.set(partitionKey(job.topic, job.topicId, range.partition), range.endExclusive)',
        replace: '',
      },
      placeUnasserted,
      growthUnasserted,
    ],
    breaks: ['I3-overlap', 'I2-twice'],
  },
  {
    name: 'no-first-offset-commit',
    invariant: 'I3a',
    does: 'sends no starts, and takes what comes first of a partition as its beginning',
    patches: [
      {
        file: 'services/ingestor/src/assess-partition.ts',
        find: "if (!isRecreated) return Object.freeze({ kind: 'unseen' })",
        replace:
          "if (!isRecreated) return { kind: 'ok', progress: { partition: facts.topicPartition.partition, topicId: facts.topicPartition.topicId, restart: 0, next: facts.ends.logStart, first: facts.ends.logStart, gaps: 0, accepted: 0 } }",
      },
      {
        file: 'services/writer/src/judge-job.ts',
        find: 'if (progress === undefined)',
        replace: 'if (progress === undefined) continue\n    if (false)',
      },
      {
        file: ledger,
        find: 'ahead ||= cursor === undefined || range.start > cursor.next',
        replace: 'ahead ||= cursor !== undefined && range.start > cursor.next',
      },
      { file: groups, find: atTxn, replace: 'range.start === (nextOf(unit, range.partition) ?? range.start)' },
      { file: groups, find: '?.restart === range.restart', replace: '?.restart !== -1' },
      placeUnasserted,
    ],
    breaks: ['I3a-first', 'I3a-late', 'I2-lost'],
  },
  {
    name: 'partition-begins-twice',
    invariant: 'I3a',
    does: 'commits every start it gets, also of a partition that has begun',
    patches: [
      { file: ledger, find: "begun ? 'duplicate' : 'ready'", replace: "begun ? 'ready' : 'ready'" },
      beginUnasserted,
      growthUnasserted,
    ],
    breaks: ['I3a-first', 'I8-decreased', 'I3-gap'],
  },
  {
    name: 'first-not-recorded',
    invariant: 'I3a',
    does: 'begins a partition without silt-first',
    patches: [{ file: bodies, find: "next.set(partitionAppId('silt-first', key), job.first)", replace: '' }],
    breaks: ['I3a-first'],
  },
  {
    name: 'start-under-another-topic-id',
    invariant: 'I13',
    does: 'lets a partition begin under a second topic id, without an operator',
    patches: [
      {
        file: ledger,
        find: 'if (known.size === 0 || known.has(job.topicId)) continue',
        replace: 'if (known.size >= 0) continue',
      },
      {
        file: 'services/ingestor/src/assess-partition.ts',
        find: 'const isRecreated = earlier.length > 0 || (own.length === 0 && facts.progress.length > 0)',
        replace: 'const isRecreated = earlier.length > 1e9 && own.length === 0',
      },
    ],
    breaks: ['I13-topic-id'],
  },
  {
    name: 'file-schema-unchecked',
    invariant: 'I9',
    does: 'adds files whose columns do not fit the table any more',
    patches: [
      {
        file: ledger,
        find: 'if (job.layout !== table.layout || widenedSchema(table.schema, job.schema, table) === undefined)',
        replace: 'if (false)',
      },
      {
        file: groups,
        find: 'const merged = widenedSchema(current, job.schema, table)',
        replace: 'const merged = widenedSchema(current, job.schema, table) ?? current',
      },
    ],
    breaks: ['I9-schema-mismatch'],
  },
  {
    name: 'schema-narrowed',
    invariant: 'I9',
    does: 'makes the schema of the file the schema of the table, where it widens it',
    patches: [
      {
        file: ledger,
        find: 'merged.schema.fields.length <= columnsMax ? merged.schema',
        replace: 'merged.schema.fields.length <= columnsMax ? file',
      },
    ],
    breaks: ['I9-narrowed', 'I9-schema-mismatch'],
  },
  {
    name: 'columns-unbounded',
    invariant: 'I10',
    does: 'widens the table past MAX_COLUMNS',
    patches: [
      {
        file: ledger,
        find: 'merged.schema.fields.length <= columnsMax ?',
        replace: 'merged.schema.fields.length > 0 ?',
      },
    ],
    breaks: ['I10-columns'],
  },
  {
    name: 'file-age-unchecked',
    invariant: 'I10a',
    does: 'adds files however long ago they were put: vacuum may have taken them',
    patches: [{ file: ledger, find: 'job.putAt < table.putNotBeforeMs', replace: 'job.putAt < 0' }],
    breaks: ['I10a-file-gone'],
  },
  {
    name: 'last-updated-set',
    invariant: 'I8',
    does: 'writes txn with lastUpdated: other engines expire those',
    patches: [
      {
        file: bodies,
        find: 'return { txn: { appId, version } }',
        replace: 'return { txn: { appId, version, lastUpdated: 1 } }',
      },
    ],
    breaks: ['I8-lastUpdated'],
  },
  {
    name: 'files-without-their-txn',
    invariant: 'I4',
    does: 'commits the files of a group of several units before its progress',
    patches: [
      {
        file: bodies,
        find: '...txnActions(state, group,',
        replace: '...txnActions(state, jobs.length > 1 ? { ...group, units: [] } : group,',
      },
    ],
    breaks: ['I4-add-without-txn'],
  },
  {
    name: 'gaps-uncounted',
    invariant: 'I2',
    does: 'counts gaps of this commit only, as if there had been none before',
    patches: [{ file: bodies, find: '(current(gapsId) ?? 0) + gaps', replace: 'gaps' }],
    breaks: ['I2-counts'],
  },
  {
    name: 'metadata-from-memory',
    invariant: 'I7',
    does: 'rebuilds the schema from the metadata it first saw, not from the version it commits on',
    patches: [
      {
        file: bodies,
        find: 'const metaData = { ...state.metadata,',
        replace: 'const metaData = { ...firstSeen(state.metadata),',
      },
      {
        file: bodies,
        find: 'export interface CommitStamp {',
        replace:
          'const seen = new Map<string, TableState["metadata"]>()\nfunction firstSeen(metadata: TableState["metadata"]) {\n  const first = seen.get(metadata.id) ?? metadata\n  seen.set(metadata.id, first)\n  return first\n}\nexport interface CommitStamp {',
      },
    ],
    breaks: ['I7-metadata-undone'],
  },
]
