import type { Mutant } from './mutant.ts'

const tableLog = 'services/committer/src/table-log.ts'
const foreign = 'services/committer/src/foreign-commits.ts'
const conflict = 'shared/delta/src/conflict/conflict.ts'
const loop = 'services/committer/src/commit-loop.ts'

/** What others and operators do to a table, and what Silt must make of it (I12, § 3). */
export const mutantsOfTheTable: readonly Mutant[] = [
  {
    name: 'feature-unsupported-and-written',
    invariant: 'I12',
    does: 'goes on committing to a table that came to list a feature Silt does not know',
    patches: [
      {
        file: tableLog,
        find: 'requireWritable(state, judgeRowRules)\n    requireRetention(state.metadata, this.',
        replace: 'requireRetention(state.metadata, this.',
      },
      {
        file: tableLog,
        find: 'requireWritable(state, judgeRowRules)\n    requireRetention(state.metadata, deps.',
        replace: 'requireRetention(state.metadata, deps.',
      },
    ],
    breaks: ['I12-unsupported'],
  },
  {
    name: 'restore-not-parked',
    invariant: 'I12',
    does: 'goes on after a RESTORE by another engine',
    patches: [
      {
        file: conflict,
        find: "(facts.kind === 'restore' || facts.kind === 'overwrite')",
        replace: "(facts.kind as string) === 'overwrite'",
      },
    ],
    breaks: ['I12-committed-while-parked'],
  },
  {
    name: 'overwrite-not-parked',
    invariant: 'I12',
    does: 'goes on after an overwrite by another engine',
    patches: [
      {
        file: conflict,
        find: "(facts.kind === 'restore' || facts.kind === 'overwrite')",
        replace: "(facts.kind as string) === 'restore'",
      },
    ],
    breaks: ['I12-committed-while-parked'],
  },
  {
    name: 'parking-forgotten',
    invariant: 'I12',
    does: 'looks at what comes, not back: a committer that starts anew does not know that the table is parked',
    patches: [
      {
        file: foreign,
        find: 'entriesDown(store, version, Math.max(known.version, version - lookBackMax))',
        replace: 'entriesDown(store, version, version)',
      },
      {
        file: foreign,
        find: 'if (at <= known.version) return',
        replace: 'if (at <= version) return',
      },
    ],
    breaks: ['I12-committed-while-parked'],
  },
  {
    name: 'parking-cleaned-away',
    invariant: 'I12',
    does: 'takes a log that was cleaned too far to tell for one of a table that is not parked',
    patches: [{ file: foreign, find: 'before: hasProgress(txns) ?', replace: 'before: hasProgress(new Map()) ?' }],
    breaks: ['I12-committed-while-parked'],
  },
  {
    name: 'pause-ignored',
    invariant: 'I12',
    does: 'commits to a table that an operator paused',
    patches: [
      {
        file: loop,
        find: 'if (stand.parked !== undefined || stand.paused !== undefined) return',
        replace: 'if (stand.parked !== undefined) return',
      },
    ],
    breaks: ['I12-committed-while-paused'],
  },
  {
    name: 'restore-released-unseen',
    invariant: 'I12',
    does: 'takes any resume for the release of a RESTORE, also one decided before it',
    elusive:
      'takes a RESTORE while an operator sleeps in the middle of a resume; schedules of an earlier set met it (I12-committed-while-parked), the present ones have not within 3000; services/committer/test/foreign-engines and cli/test/table/decisions hold it',
    patches: [
      { file: foreign, find: 'seen !== undefined && seen >= current.version', replace: 'seen !== undefined' },
      {
        file: 'cli/src/table/resume.ts',
        find: 'if (parked.version > seenVersion)',
        replace: 'if (parked.version > Infinity)',
      },
    ],
    breaks: ['I12-committed-while-parked'],
  },
  {
    name: 'decision-not-rebased',
    invariant: 'I7',
    does: 'puts an operator’s decision, as decided, at the next version after a conflict',
    elusive:
      'takes two people who decide the same in the same moment; schedules of an earlier set met it (I2-counts), the present ones have not yet within 1000',
    patches: [
      {
        file: 'cli/src/table/commit-decision.ts',
        find: 'const state = await loadState(deps.store, deps.reader)',
        replace:
          'const state = attempt > 1 && last !== undefined ? { ...last, version: last.version + attempt - 1 } : (last = await loadState(deps.store, deps.reader))',
      },
      {
        file: 'cli/src/table/commit-decision.ts',
        find: 'for (let attempt = 1; attempt <= attemptsMax; attempt++) {',
        replace: 'let last: TableState | undefined\n  for (let attempt = 1; attempt <= attemptsMax; attempt++) {',
      },
    ],
    breaks: [
      'I3-gap',
      'I3-overlap',
      'I2-counts',
      'I8-decreased',
      'I3a-first',
      'I13-topic-id',
      'I12-committed-while-parked',
    ],
  },
  {
    name: 'decision-on-an-old-base',
    invariant: 'I8a',
    does: 'commits a decision however long ago its base was read',
    elusive:
      'takes an operator who falls asleep in the middle of a command while the log is cleaned; schedules of an earlier set met it (I8a-unreadable), the present ones have not yet within 1000',
    patches: [
      {
        file: 'cli/src/table/commit-decision.ts',
        find: 'if (msSince(began, deps.clock, deps.store) > baseProofMaxMs &&',
        replace: 'if (msSince(began, deps.clock, deps.store) > Infinity &&',
      },
    ],
    breaks: ['I8a-unreadable'],
  },
  {
    name: 'accepted-gap-miscounted',
    invariant: 'I2',
    does: 'counts the offsets an operator gave up one short',
    patches: [
      { file: 'cli/src/partition/decide-partition.ts', find: 'accepted + lost', replace: 'accepted + lost - 1' },
    ],
    breaks: ['I2-counts'],
  },
  {
    name: 'more-given-up-than-lost',
    invariant: 'I2',
    does: 'accepts a gap up to the readable end, not to where the source starts',
    patches: [
      {
        file: 'cli/src/partition/decide-partition.ts',
        find: 'const { topicPartition, ends, assessment } = reportOf(reportPartitions(view, operator.sourceKind, state), partition)',
        replace:
          'const { topicPartition, ends: found, assessment } = reportOf(reportPartitions(view, operator.sourceKind, state), partition)\n  const ends = { ...found, logStart: found.readableEnd }',
      },
    ],
    breaks: ['I2-accepted-readable'],
  },
  {
    name: 'restart-at-the-end',
    invariant: 'I3a',
    does: 'begins a partition again at the readable end: what a made-again topic holds is lost',
    patches: [
      {
        file: 'cli/src/partition/decide-partition.ts',
        find: 'return { key: { topic, topicId, partition, restart }, at: ends.logStart }',
        replace: 'return { key: { topic, topicId, partition, restart }, at: ends.readableEnd }',
      },
    ],
    breaks: ['I3a-late'],
  },
]
