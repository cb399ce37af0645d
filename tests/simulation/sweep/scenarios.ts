import { noFaults } from '../call-faults.ts'
import type { Disturbance } from '../disturbance.ts'
import type { Append } from '../append.ts'
import type { Scenario } from '../scenario.ts'
import type { RecordKind } from '../truth-keeper.ts'
import { startMs } from '../world.ts'

const standingStill = {
  actor: 'committer',
  operation: 'store.putIfAbsent',
  table: 'main',
  when: 'before',
  pass: 0,
  does: 'freeze',
} as const

/**
 * Small schedules written by hand, which together make every actor ask everything it ever asks. Nothing in them is drawn but the times of requests,
 * and those from the seed: until its first death a run is its scenario's undisturbed run, call for call.
 */
export const scenarios: ReadonlyMap<string, Scenario> = new Map([
  [
    'dead-letters',
    small(1350, {
      appends: [
        at(50, 0, ['plain', 'broken', 'new-column', 'plain', 'too-large']),
        at(1100, 0, ['other-type', 'broken', 'plain', 'new-column', 'plain']),
      ],
      readBack: true,
    }),
  ],
  [
    'checkpoints',
    small(4000, {
      // The seed makes it every second version of both tables.
      seed: 60,
      committers: 2,
      appends: [
        at(50, 0, ['plain', 'broken', 'plain', 'plain', 'plain']),
        at(1500, 0, ['plain', 'broken', 'plain', 'plain', 'plain']),
      ],
      disturbances: [
        { atMs: 900, kind: 'engine', does: 'set-property', table: 'main' },
        { atMs: 1000, kind: 'engine', does: 'set-property', table: 'dead-letters' },
        // With a checkpoint just written: who takes over finds it there.
        { atMs: 1000, kind: 'in-the-act', ...standingStill, pass: 2, forMs: 2400 },
      ],
    }),
  ],
  [
    'two-committers',
    small(3000, {
      // By the seed's times the second has a job to give back when it stops.
      seed: 3,
      committers: 2,
      partitions: 2,
      appends: [at(50, 0, plain(5)), at(600, 1, plain(8))],
      // For longer than its lease, about to put a version.
      disturbances: [{ atMs: 600, kind: 'in-the-act', ...standingStill, forMs: 2400 }],
    }),
  ],
  [
    'another-engine',
    small(2000, {
      appends: [
        at(50, 0, plain(5)),
        at(900, 0, ['plain', 'broken', 'plain', 'new-column', 'plain']),
        at(1500, 0, plain(5)),
      ],
      disturbances: [
        { atMs: 890, kind: 'engine', does: 'append', table: 'main' },
        { atMs: 930, kind: 'engine', does: 'append', table: 'dead-letters' },
        { atMs: 1450, kind: 'engine', does: 'add-column', table: 'main' },
        { atMs: 1800, kind: 'engine', does: 'optimize-tagged', table: 'main' },
      ],
    }),
  ],
  [
    'stale-units',
    small(2100, {
      // By the seed's times the shorter of the two units of partition 0 is committed first, so the longer is stale.
      seed: 2,
      ingestors: 2,
      partitions: 2,
      appends: [at(50, 0, plain(5)), at(450, 0, plain(3)), at(1700, 2, plain(5)), at(1750, 1, plain(3))],
      disturbances: [
        { atMs: 380, kind: 'freeze', actor: 'writer', number: 1, forMs: 900 },
        { atMs: 500, kind: 'rebalance' },
        { atMs: 700, kind: 'rebalance' },
        { atMs: 1000, kind: 'redis-backup' },
        { atMs: 1500, kind: 'redis-restore' },
        { atMs: 1550, kind: 'add-partition' },
      ],
    }),
  ],
  [
    'stops',
    small(2200, {
      committers: 2,
      appends: [at(50, 0, plain(5)), at(1000, 0, plain(24))],
      disturbances: [
        { atMs: 1010, kind: 'restart', actor: 'ingestor', number: 1 },
        { atMs: 1040, kind: 'restart', actor: 'writer', number: 1 },
        { atMs: 1070, kind: 'restart', actor: 'committer', number: 1 },
      ],
    }),
  ],
  [
    'operator',
    small(1600, {
      partitions: 2,
      appends: [at(50, 0, plain(5)), at(1200, 0, plain(5)), at(1250, 1, plain(3))],
      disturbances: [
        { atMs: 800, kind: 'operator', does: 'pause' },
        { atMs: 1500, kind: 'retention', partition: 0, share: 0.8 },
      ],
    }),
  ],
  [
    'parked',
    small(1600, {
      appends: [at(50, 0, plain(5)), at(1200, 0, plain(5)), at(1550, 0, plain(2))],
      disturbances: [
        { atMs: 1000, kind: 'engine', does: 'overwrite', table: 'main' },
        { atMs: 1500, kind: 'recreate-topic' },
      ],
    }),
  ],
  [
    'outages',
    small(1700, {
      startFromMs: startMs,
      hasTransactions: true,
      appends: [at(50, 0, plain(5)), at(900, 0, plain(24))],
      disturbances: [
        // Once the writer has its job.
        { atMs: 525, kind: 'outage', of: 'source', forMs: 400 },
        // In the midst of a unit: it ends early.
        { atMs: 1005, kind: 'outage', of: 'source', forMs: 8 },
        { atMs: 1300, kind: 'outage', of: 'queue', forMs: 300 },
      ],
    }),
  ],
])

function small(
  calmFromMs: number,
  given: Partial<Scenario> & { readonly appends: readonly Append[]; readonly disturbances?: readonly Disturbance[] },
): Scenario {
  return {
    seed: 1,
    ingestors: 1,
    writers: 1,
    committers: 1,
    partitions: 1,
    readBack: false,
    evolution: 'add',
    themes: [],
    rates: { store: noFaults, queue: noFaults, source: noFaults },
    redis: { resultLost: 0, resultTwice: 0, outOfOrder: 0 },
    disturbances: [],
    calmFromMs,
    ...given,
  }
}

function at(atMs: number, partition: number, kinds: readonly RecordKind[]): Append {
  return { atMs, partition, kinds }
}

function plain(count: number): readonly RecordKind[] {
  return Array.from({ length: count }, () => 'plain')
}
