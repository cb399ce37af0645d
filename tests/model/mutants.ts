import type { SourcePatch } from '../mutation/load-mutant.ts'
import type { GlueFault } from './bounds.ts'

/** A broken variant of the protocol and the configuration in which it must be found. */
export interface ModelMutant {
  readonly name: string
  readonly configuration: string
  /** Where the rule lives in the product's pure code. */
  readonly patches: readonly SourcePatch[]
  /** Where it lives in code that awaits, and so in the model's glue. */
  readonly glue: readonly GlueFault[]
  /** How the violation begins: the property that must be the one to break. */
  readonly breaks: string
}

const ledger = 'services/committer/src/ledger.ts'
const groupCommit = 'services/committer/src/group-commit.ts'
const bodies = 'services/committer/src/commit-actions.ts'
const planner = 'services/ingestor/src/planner.ts'
const projection = 'services/committer/src/dead-letter-projection.ts'

/** The last thing between a wrong group and the log; left out so that what it keeps from happening is seen to happen. */
const noStartAssertion: SourcePatch = {
  file: bodies,
  find: "assert(current(partitionAppId('silt', key)) === start,",
  replace: 'assert(true,',
}

const behindIsAccepted: SourcePatch = { file: ledger, find: 'if (behind) return', replace: 'if (false) return' }

function fits(condition: string): SourcePatch {
  return { file: groupCommit, find: 'range.start === nextOf(unit, range.partition)', replace: condition }
}

export const mutants: readonly ModelMutant[] = [
  {
    name: 'no txn check',
    configuration: 'two committers',
    patches: [
      fits('true'),
      { file: ledger, find: 'if (allIn) return', replace: 'if (false) return' },
      behindIsAccepted,
      noStartAssertion,
      { file: bodies, find: 'assert(version >= (state.txns.get(appId) ?? 0),', replace: 'assert(true,' },
    ],
    glue: [],
    breaks: 'I2',
  },
  {
    name: 'commit across a gap',
    configuration: 'two committers',
    patches: [fits('range.start >= (nextOf(unit, range.partition) ?? Infinity)'), noStartAssertion],
    glue: [],
    breaks: 'I2',
  },
  {
    name: 'crossing range accepted',
    configuration: 'two committers',
    patches: [
      fits(
        'range.start <= (nextOf(unit, range.partition) ?? -1) && range.endExclusive > (nextOf(unit, range.partition) ?? 0)',
      ),
      behindIsAccepted,
      noStartAssertion,
    ],
    glue: [],
    breaks: 'I2',
  },
  {
    name: 'no first-offset commit',
    configuration: 'starts',
    patches: [
      fits('(nextOf(unit, range.partition) === undefined || range.start === nextOf(unit, range.partition))'),
      {
        file: groupCommit,
        find: '?.restart === range.restart',
        replace: '?.restart !== range.restart + 1',
      },
      noStartAssertion,
    ],
    glue: [],
    breaks: 'I3a',
  },
  {
    name: 'dead letters without their record',
    configuration: 'dead letters',
    patches: [{ file: bodies, find: 'deadLetters.length > 0 ? version : undefined', replace: 'undefined' }],
    glue: [],
    breaks: 'I5',
  },
  {
    name: 'several records pending',
    configuration: 'dead letters',
    patches: [
      {
        file: groupCommit,
        find: '!(options.deadLettersPending && unit.job.deadLetterAdds.length > 0) && room.take(unit)',
        replace: 'room.take(unit)',
      },
    ],
    glue: [],
    breaks: 'I5',
  },
  {
    name: 'apply when != instead of <',
    configuration: 'dead letters',
    patches: [{ file: projection, find: 'applied < recorded ?', replace: 'applied !== recorded ?' }],
    glue: [],
    breaks: 'I5',
  },
  {
    name: 'schema unchecked',
    configuration: 'schemas',
    patches: [
      {
        file: ledger,
        find: "case 'conflict':\n      return undefined",
        replace: "case 'conflict':\n      return table",
      },
    ],
    glue: [],
    breaks: 'I9',
  },
  {
    name: 'file age unchecked',
    configuration: 'hours',
    patches: [{ file: ledger, find: 'job.putAt < table.putNotBeforeMs', replace: 'false' }],
    glue: [],
    breaks: 'I10a',
  },
  {
    name: 'topic id unchecked',
    configuration: 'topic made again',
    patches: [
      { file: ledger, find: 'if (known.size === 0 || known.has(job.topicId)) continue', replace: 'if (true) continue' },
    ],
    glue: [],
    breaks: 'I13',
  },
  {
    name: 'topic id unchecked by the writer',
    configuration: 'topic made again',
    patches: [],
    glue: ['topic-unchecked-by-writer'],
    breaks: 'I2',
  },
  {
    name: 'blind re-put',
    configuration: 'two committers',
    patches: [],
    glue: ['blind-re-put'],
    breaks: 'I2',
  },
  {
    name: 'unknown taken as committed',
    configuration: 'two committers',
    patches: [],
    glue: ['unknown-taken-as-committed'],
    breaks: 'I6',
  },
  {
    name: 'files deleted after unknown',
    configuration: 'two committers',
    patches: [],
    glue: ['files-deleted-after-unknown'],
    breaks: 'I6',
  },
  {
    name: 'base not proved fresh',
    configuration: 'hours',
    patches: [],
    glue: ['base-not-proved-fresh'],
    breaks: 'I8a',
  },
  {
    name: 'conflict taken as lost without reading',
    configuration: 'two committers',
    patches: [],
    glue: ['conflict-without-reading'],
    breaks: 'I2',
  },
  {
    name: 'no re-plan timer',
    configuration: 'ingest, every hint lost',
    patches: [
      {
        file: planner,
        find: 'const replanned = replanUnmoved(draft)',
        replace: 'const replanned: readonly number[] = []',
      },
    ],
    glue: [],
    breaks: 'L1:',
  },
  {
    name: 're-plan with new boundaries',
    configuration: 'ingest',
    patches: [{ file: planner, find: 'if (unit.short) draft', replace: 'if (unit.attempts > 0) draft' }],
    glue: [],
    breaks: 'L1a',
  },
  {
    name: 'sharing a partition that is ahead',
    configuration: 'ingest',
    patches: [
      {
        file: planner,
        find: '.filter((each) => each.planned === each.next && waitingOffsets(each) > 0)',
        replace: '.filter((each) => waitingOffsets(each) > 0)',
      },
      {
        file: planner,
        find: 'start: each.next, endExclusive: each.next + take',
        replace: 'start: each.planned, endExclusive: each.planned + take',
      },
    ],
    glue: [],
    breaks: 'L1a',
  },
  {
    name: 'held units without deadline',
    configuration: 'ingest, one job held',
    patches: [
      {
        file: 'services/committer/src/triage.ts',
        find: 'expiryMs(unit, times) <= times.nowMs)',
        replace: 'false)',
      },
    ],
    glue: [],
    breaks: 'L1:',
  },
]
