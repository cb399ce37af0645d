import type { Mutant } from './mutant.ts'

const bodies = 'services/committer/src/commit-actions.ts'
const groups = 'services/committer/src/group-commit.ts'
const loop = 'services/committer/src/commit-loop.ts'
const projection = 'services/committer/src/dead-letter-projection.ts'

/** The dead-letter table as a projection of the main one (I5). */
export const mutantsOfDeadLetters: readonly Mutant[] = [
  {
    name: 'dead-letters-without-record',
    invariant: 'I5',
    does: 'commits progress over dead letters and does not record their files',
    patches: [
      {
        file: bodies,
        find: 'const deadLetters = jobs.flatMap(',
        replace: 'const deadLetters = jobs.slice(jobs.length).flatMap(',
      },
    ],
    breaks: ['I4-txn-without-add', 'I2-lost', 'I2-counts'],
  },
  {
    name: 'record-without-pointer',
    invariant: 'I5',
    does: 'records dead letters and does not set silt:dead-letters',
    patches: [{ file: bodies, find: 'deadLetters.length > 0 ? version : undefined', replace: 'undefined' }],
    breaks: ['I5-pointer'],
  },
  {
    name: 'several-records-pending',
    invariant: 'I5',
    does: 'records dead letters while those before are not in their table',
    patches: [
      {
        file: groups,
        find: '!(options.deadLettersPending && unit.job.deadLetterAdds.length > 0) && room.take(unit)',
        replace: 'room.take(unit)',
      },
    ],
    breaks: ['I5-several-pending', 'I5-projection-skipped'],
  },
  {
    name: 'projection-forgotten',
    invariant: 'I5',
    does: 'never applies what the main table recorded',
    patches: [
      {
        file: loop,
        find: 'if (pendingRecord(stand.main.state, stand.deadLetters.state) === undefined) return false',
        replace: 'if (pendingRecord(stand.main.state, stand.deadLetters.state) !== -1) return false',
      },
    ],
    breaks: ['I5-several-pending', 'L1-dead-letters', 'L1-late'],
  },
  {
    name: 'applied-when-different',
    invariant: 'I5',
    does: 'applies a record whenever the dead-letter table is at another version, not only at a lower one',
    patches: [
      { file: projection, find: 'applied < recorded ?', replace: 'applied !== recorded ?' },
      { file: projection, find: 'assert(record.version > (', replace: 'assert(record.version !== (' },
    ],
    breaks: ['I5-projection-twice', 'I8-decreased'],
  },
  {
    name: 'projection-without-txn',
    invariant: 'I5',
    does: 'adds dead letters to their table and does not say which version they are of',
    patches: [{ file: projection, find: '{ txn: { appId, version: record.version } },', replace: '' }],
    breaks: ['I5-projection-without-txn', 'I5-projection-twice'],
  },
  {
    name: 'projection-leaves-one-out',
    invariant: 'I5',
    does: 'applies all files of a record but the first',
    patches: [
      {
        file: projection,
        find: '...record.adds.map((add) => ({ add }))',
        replace: '...record.adds.slice(1).map((add) => ({ add }))',
      },
    ],
    breaks: ['I5-projection-adds'],
  },
]
