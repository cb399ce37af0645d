import type { Uncaught } from './mutant.ts'

/** Rules whose breaking the simulation does not catch, with the reason: nothing is left out silently. */
export const uncaught: readonly Uncaught[] = [
  {
    name: 'token-not-compared',
    invariant: 'I6',
    does: 'answers conflict for whatever stands at its version, its own body too',
    because: 'unneeded',
    reason:
      'after a conflict the state comes from the log as read, which says that the units are in: the token itself is for diagnosis, for commits without txn and for stores that break I11',
    patches: [
      {
        file: 'shared/delta/src/log/commit.ts',
        find: "if (tokenOf(key, found.body) !== token) return { kind: 'conflict' }",
        replace: "if (tokenOf(key, found.body) !== '') return { kind: 'conflict' }",
      },
    ],
  },
  {
    name: 'answered-before-durable',
    invariant: 'I1',
    does: 'answers a commit job as soon as it has come',
    because: 'unneeded',
    reason: 'a job lost with its committer is planned again from txn: it costs a re-plan, and no promise',
    patches: [],
  },
  {
    name: 'duplicate-answered-stale',
    invariant: 'I3',
    does: 'answers stale where all of a unit is in',
    because: 'unneeded',
    reason: 'a notice is a hint: its txn, and the log after it, say that there is nothing left of the unit to plan',
    patches: [
      {
        file: 'services/committer/src/triage.ts',
        find: "return [{ held, outcome: 'duplicate', reason: 'duplicate' }]",
        replace: "return [{ held, outcome: 'stale', reason: 'duplicate' }]",
      },
    ],
  },
  {
    name: 'read-back-skipped',
    invariant: 'I11',
    does: 'counts a commit that the store says it made without reading it back',
    because: 'beyond',
    reason:
      'takes a store that says created and keeps nothing (a lost quorum); tests/conformance and the committer’s own tests have one',
    patches: [],
  },
  {
    name: 'probe-skipped',
    invariant: 'I11',
    does: 'writes to a store without put-if-absent',
    because: 'beyond',
    reason: 'takes a store that lets a second put-if-absent through; the probe’s own tests have one',
    patches: [],
  },
  {
    name: 'table-id-unchecked',
    invariant: 'I12',
    does: 'goes on with a table whose id changed under it',
    because: 'beyond',
    reason:
      'takes an engine that replaces the table, and a person who puts it back; the committer’s and delta’s own tests replace it',
    patches: [],
  },
  {
    name: 'record-lost-and-skipped',
    invariant: 'I5',
    does: 'goes on where a record of dead letters was cleaned away before it was applied',
    because: 'beyond',
    reason:
      'the right end is a stopped table until a backup is restored, which no schedule goes on from; the projection’s own tests end there',
    patches: [],
  },
  {
    name: 'restart-unchecked',
    invariant: 'I3',
    does: 'takes a unit cut before its partition was restarted',
    because: 'beyond',
    reason:
      'takes a log truncated under one topic id, so that offsets mean two records; the model restarts partitions, and the ledger’s own tests',
    patches: [],
  },
  {
    name: 'timed-out-record-condemned',
    invariant: 'L1a',
    does: 'makes a dead letter of a record that was only slow',
    because: 'beyond',
    reason:
      'decoders die here, and none is slow; the writer’s tests and the end-to-end test of poison have some that are',
    patches: [],
  },
]
