import type { CallRates, CallTarget } from './call-faults.ts'
import type { ActorKind } from './actor-kind.ts'
import type { Disturbance, EngineDeed, Meanwhile } from './disturbance.ts'
import type { Draws } from './draws.ts'
import type { TableName } from './history.ts'
import type { RecordKind } from './truth-keeper.ts'
import type { Draft } from './draft.ts'

type At = (draws: Draws) => Disturbance

const actorKinds: readonly ActorKind[] = ['ingestor', 'writer', 'committer']

/** What can go wrong, in groups that belong together; a run has a few of them. */
export const themes: ReadonlyMap<string, (draft: Draft) => void> = new Map([
  ['crashes', (draft) => repeat(draft, 1, 6, (at) => ({ ...at, kind: 'kill', ...anyActor(draft) }))],
  ['committers crash', (draft) => repeat(draft, 2, 6, (at) => ({ ...at, kind: 'kill', ...anyOf(draft, 'committer') }))],
  ['rolling restarts', (draft) => repeat(draft, 1, 4, (at) => ({ ...at, kind: 'restart', ...anyActor(draft) }))],
  [
    'freezes',
    (draft) =>
      repeat(draft, 1, 4, (at) => ({
        ...at,
        kind: 'freeze',
        ...anyActor(draft),
        forMs: draft.draws.between(300, 9000),
      })),
  ],
  [
    'clock jumps',
    (draft) =>
      repeat(draft, 1, 4, (at) => ({
        ...at,
        kind: 'clock-jump',
        ...anyActor(draft),
        byMs: draft.draws.pick([-86_400_000, -60_000, -2000, 2000, 60_000, 86_400_000]),
      })),
  ],
  [
    'flaky store',
    (draft) => worsen(draft, 'store', { refused: 0.05, lost: 0.05, late: 0.03, doubled: 0.03, slow: 0.1 }),
  ],
  ['late puts', (draft) => worsen(draft, 'store', { late: 0.15, lost: 0.1 })],
  ['slow store', (draft) => worsen(draft, 'store', { slow: 0.5 })],
  ['full disk', (draft) => worsen(draft, 'store', { full: 0.1 })],
  ['flaky Redis', (draft) => worsen(draft, 'queue', { refused: 0.08, lost: 0.08, late: 0.05, slow: 0.1 })],
  [
    'careless queues',
    (draft) => {
      draft.redis = { resultLost: 0.3, resultTwice: 0.2, outOfOrder: 0.5 }
      repeat(draft, 1, 5, (at) => ({ ...at, kind: 'redeliver' }))
    },
  ],
  ['Redis emptied', (draft) => repeat(draft, 1, 3, (at) => ({ ...at, kind: 'redis-flush' }))],
  [
    'Redis restored',
    (draft) => {
      const { draws, disturbances } = draft
      repeat(draft, 1, 2, ({ atMs }) => {
        disturbances.push({ atMs: atMs + draws.between(500, 4000), kind: 'redis-restore' })
        return { atMs, kind: 'redis-backup' }
      })
    },
  ],
  ['flaky source', (draft) => worsen(draft, 'source', { refused: 0.1, slow: 0.2 })],
  [
    'outages',
    (draft) =>
      repeat(draft, 1, 3, (at) => ({
        ...at,
        kind: 'outage',
        of: draft.draws.pick<CallTarget>(['store', 'queue', 'source']),
        forMs: draft.draws.between(200, 4000),
      })),
  ],
  ['rebalances', (draft) => repeat(draft, 1, 5, (at) => ({ ...at, kind: 'rebalance' }))],
  [
    'transactions',
    (draft) => {
      for (let partition = 0; partition < draft.partitions; partition++) {
        const atMs = draft.draws.between(0, draft.spanMs / 2)
        draft.disturbances.push({ atMs, kind: 'begin-transaction', partition })
        const isAborted = draft.draws.chance(0.5)
        const endMs = atMs + draft.draws.between(100, draft.spanMs / 2)
        draft.disturbances.push({ atMs: endMs, kind: 'end-transaction', partition, isAborted })
      }
    },
  ],
  [
    'compacted topic',
    (draft) =>
      repeat(draft, 1, 3, (at) => ({
        ...at,
        kind: 'compact-topic',
        ...anyPartition(draft),
        share: draft.draws.next(),
      })),
  ],
  [
    'retention',
    (draft) =>
      repeat(draft, 1, 2, (at) => ({ ...at, kind: 'retention', ...anyPartition(draft), share: draft.draws.next() })),
  ],
  ['new partitions', (draft) => repeat(draft, 1, 1, (at) => ({ ...at, kind: 'add-partition' }))],
  ['topic recreated', (draft) => repeat(draft, 1, 1, (at) => ({ ...at, kind: 'recreate-topic' }))],
  [
    'topic recreated under a reader',
    (draft) => {
      // Units are full before they are read through: nobody but the writer looks then, at the end, whose records it read (I13).
      draft.unitBytesMax = 600
      draft.backlog.push({ atMs: 0, partition: 0, kinds: new Array<RecordKind>(25).fill('plain') })
      repeat(draft, 1, 2, (at) => recreatedUnderReader(at, draft))
    },
  ],
  ['schema grows', (draft) => void draft.recordKinds.push('new-column', 'other-type')],
  [
    'deadly records',
    (draft) => {
      draft.recordKinds.push('plain', 'plain', 'plain', 'plain', 'deadly')
      draft.deadlyToWriters = draft.draws.chance(0.5)
    },
  ],
  [
    'jobs kill writers',
    ({ draws, spanMs, disturbances }) => {
      // One writer after another, whoever reads next: until what they have in common is halved.
      const fetch = { kind: 'in-the-act', actor: 'writer', operation: 'source.fetch', when: 'after' } as const
      const atMs = draws.between(0, spanMs / 2)
      for (let pass = 0; pass < 5; pass++) disturbances.push({ atMs, ...fetch, pass, does: 'kill', forMs: 0 })
    },
  ],
  [
    'memory short',
    (draft) => {
      draft.memoryShort = 0.9
      draft.decoderDeathRate ||= draft.draws.between(0.1, 0.3)
    },
  ],
  ['few places', (draft) => void (draft.jobsHeldMax = draft.draws.whole(3, 4))],
  ['decoders die', (draft) => void (draft.decoderDeathRate = draft.draws.between(0.05, 0.3))],
  ['bad records', (draft) => void draft.recordKinds.push('broken', 'broken', 'too-large')],
  [
    'another engine',
    (draft) => {
      const deeds = ['append', 'optimize-tagged', 'add-column', 'set-property'] as const
      repeat(draft, 1, 6, (at) => engine(at, draft.draws.pick(deeds), draft))
    },
  ],
  [
    'tables tended',
    (draft) => repeat(draft, 1, 4, (at) => engine(at, draft.draws.pick(['optimize', 'optimize', 'clean-log']), draft)),
  ],
  [
    'rows taken away',
    (draft) =>
      repeat(draft, 1, 2, (at) => engine(at, draft.draws.pick(['restore', 'overwrite', 'delete-rows']), draft)),
  ],
  ['protocol upgraded', (draft) => repeat(draft, 1, 1, (at) => engine(at, 'upgrade-protocol', draft))],
  [
    'operator',
    (draft) =>
      repeat(draft, 1, 3, (at) => {
        if (draft.draws.chance(0.7)) draft.disturbances.push(commandHit(at, draft))
        // Two people at two terminals.
        if (draft.draws.chance(0.4)) draft.disturbances.push({ ...at, kind: 'operator', does: 'remedy' })
        return { ...at, kind: 'operator', does: draft.draws.pick(['pause', 'remedy'] as const) }
      }),
  ],
  ['hibernation', (draft) => hibernation(draft)],
  [
    'dead letters away',
    (draft) => {
      draft.recordKinds.push('broken', 'too-large')
      repeat(draft, 1, 3, (at) => ({
        ...at,
        kind: 'outage',
        of: 'dead-letters',
        forMs: draft.draws.between(500, 6000),
      }))
    },
  ],
  ['caught in the act', (draft) => repeat(draft, 1, 3, (at) => inTheAct(at, draft))],
  ['committers collide', (draft) => repeat(draft, 2, 4, (at) => collision(at, draft))],
])

/** Just as a writer has seen that it is still the log it was told to read; or between two questions of whoever plans where to start (I3a). */
function recreatedUnderReader({ atMs }: { atMs: number }, { draws }: Draft): Disturbance {
  const asked = { operation: 'source.partitions', when: 'after', does: 'recreate-topic', forMs: 0 } as const
  if (draws.chance(0.3)) return { atMs: 0, kind: 'in-the-act', actor: 'ingestor', ...asked, pass: draws.whole(0, 1) }
  return { atMs: atMs / 2, kind: 'in-the-act', actor: 'writer', ...asked, pass: draws.whole(0, 4) }
}

/** At a call that matters, or at its answer. Early and at once, so that it takes place. */
function inTheAct({ atMs }: { atMs: number }, { draws, recordKinds }: Draft): Disturbance {
  const at = { atMs: atMs / 2, kind: 'in-the-act', pass: draws.whole(0, 1), forMs: draws.between(2000, 8000) } as const
  recordKinds.push('broken')
  return {
    ...at,
    ...draws.pick(acts),
    when: draws.pick(['before', 'after'] as const),
    does: draws.pick(['kill', 'freeze'] as const),
  }
}

/** The next command dies, or its request or answer is held up, in the middle of it. */
function commandHit({ atMs }: { atMs: number }, { draws }: Draft): Disturbance {
  const operation = draws.pick(['store.putIfAbsent', 'store.putIfAbsent', 'store.get', 'store.list', 'source.ends'])
  const isPut = operation === 'store.putIfAbsent'
  const when = draws.pick(['before', 'after'] as const)
  const does = isPut && when === 'before' ? draws.pick(['kill', 'delay', 'cut'] as const) : 'kill'
  // The probe of the store comes before the version.
  const pass = isPut ? draws.whole(0, 3) : draws.whole(0, 1)
  return { atMs, kind: 'in-the-act', actor: 'operator', operation, when, pass, does, forMs: draws.between(500, 5000) }
}

const acts: readonly { readonly actor: ActorKind; readonly operation: string }[] = [
  ...['store.putIfAbsent', 'store.putIfAbsent', 'store.get', 'queue.take', 'queue.finish', 'lease.hold'].map(
    (operation) => ({ actor: 'committer', operation }) as const,
  ),
  ...['store.put', 'queue.add', 'queue.finish'].map((operation) => ({ actor: 'writer', operation }) as const),
  ...['queue.add', 'source.ends'].map((operation) => ({ actor: 'ingestor', operation }) as const),
]

/** Whoever commits stands still with its version on the way for longer than its lease lasts: another one commits, and both put. */
function collision({ atMs }: { atMs: number }, draft: Draft): Disturbance {
  const { draws, recordKinds, actors } = draft
  actors.committer = 2
  const table = draws.chance(0.6) ? 'main' : 'dead-letters'
  if (table === 'dead-letters') recordKinds.push('broken', 'too-large')
  const put = { actor: 'committer', operation: 'store.putIfAbsent', when: 'before', table } as const
  const does = draws.pick(['freeze', 'freeze', 'delay', 'cut'] as const)
  const forMs = draws.between(2000, 4500)
  return { atMs: atMs / 3, kind: 'in-the-act', ...put, pass: draws.whole(0, 1), does, forMs }
}

/** Others may tend the table meanwhile, and an operator may be at it just then. */
function hibernation(draft: Draft): void {
  const { draws, spanMs, disturbances } = draft
  const atMs = draws.between(spanMs / 4, spanMs)
  const forMs = draws.pick([90_000, 20 * 60_000, 7_200_000, 7_200_000, 30 * 86_400_000])
  const meanwhile = forMs > logKeptMs && draws.chance(0.8) ? tended(draws, forMs) : []
  const isKilled = draws.chance(0.4)
  if (meanwhile.length > 0 && draws.chance(0.3)) {
    const does = draws.pick(['pause', 'remedy', 'remedy'] as const)
    // There is something to remedy.
    if (does === 'remedy') disturbances.push({ atMs: Math.max(0, atMs - 600), kind: 'operator', does: 'pause' })
    const over = { does, operation: draws.pick(['store.get', 'store.list'] as const), pass: draws.whole(0, 4) }
    disturbances.push({ atMs, kind: 'hibernate', forMs, isKilled: false, meanwhile, over })
    return
  }
  disturbances.push({ atMs, kind: 'hibernate', forMs, isKilled, meanwhile })
  if (draws.chance(0.3)) {
    const does = draws.pick(['pause', 'remedy'] as const)
    if (does === 'remedy') disturbances.push({ atMs: draws.between(0, atMs), kind: 'operator', does: 'pause' })
    disturbances.push({ atMs: Math.max(0, atMs - draws.between(1, 80)), kind: 'operator', does })
  }
}

/** Who follows a log counts on finding in it what came in this long (docs/guarantees.md). */
const logKeptMs = 600_000

/**
 * Versions are made, and cleaned away once they are old; what no version names is vacuumed. Or a RESTORE, just before Silt wakes, or long before: then
 * its version is cleaned away as well, and nothing in the log tells of it.
 */
function tended(draws: Draws, forMs: number): readonly Meanwhile[] {
  if (draws.chance(0.2)) {
    const awayMs = draws.between(500, 20_000)
    if (awayMs < 5000) return [{ afterMs: forMs - awayMs, does: 'restore', table: 'main' }]
    return [
      { afterMs: 400, does: 'restore', table: 'main' },
      { afterMs: awayMs, does: 'append', table: 'main' },
      { afterMs: forMs * 0.95, does: 'clean-log', table: 'main' },
    ]
  }
  const table: TableName = draws.chance(0.85) ? 'main' : 'dead-letters'
  const changes = ['append', 'set-property', 'append', 'optimize-tagged', 'optimize'] as const
  const first = Array.from({ length: draws.whole(1, 3) }, () => ({
    afterMs: draws.between(500, 20_000),
    does: draws.pick(changes),
    table,
  }))
  const brief = draws.chance(0.8) ? [{ afterMs: 400, does: 'keep-files-briefly', table } as const] : []
  // Towards the end, or just as Silt wakes with what it had in hand.
  const then = (['clean-log', 'vacuum'] as const).map((does) => ({
    afterMs: draws.chance(0.6) ? forMs * draws.between(0.9, 0.99) : forMs + draws.between(0, 2000),
    does,
    table,
  }))
  const rewritten = { afterMs: 450, does: 'optimize-tagged', table } as const
  return [...brief, rewritten, ...first, ...then]
}

function engine(at: { atMs: number }, does: EngineDeed, { draws, recordKinds }: Draft): Disturbance {
  const table = draws.chance(0.7) ? 'main' : 'dead-letters'
  if (table === 'dead-letters') recordKinds.push('broken')
  return { ...at, kind: 'engine', does, table }
}

function repeat(draft: Draft, least: number, most: number, make: (at: { atMs: number }) => ReturnType<At>): void {
  const times = draft.draws.whole(least, most)
  for (let time = 0; time < times; time++) draft.disturbances.push(make({ atMs: draft.draws.between(0, draft.spanMs) }))
}

function worsen(draft: Draft, target: CallTarget, by: Partial<CallRates>): void {
  const now = draft.rates[target]
  const strength = draft.draws.between(0.3, 1.5)
  const sum = (rate: keyof CallRates): number => now[rate] + (by[rate] ?? 0) * strength
  draft.rates[target] = {
    refused: sum('refused'),
    lost: sum('lost'),
    late: sum('late'),
    doubled: sum('doubled'),
    full: sum('full'),
    slow: sum('slow'),
  }
}

function anyActor(draft: Draft): { readonly actor: ActorKind; readonly number: number } {
  return anyOf(draft, draft.draws.pick(actorKinds))
}

function anyOf({ draws, actors }: Draft, actor: ActorKind): { readonly actor: ActorKind; readonly number: number } {
  return { actor, number: draws.whole(1, actors[actor]) }
}

function anyPartition({ draws, partitions }: Draft): { readonly partition: number } {
  return { partition: draws.whole(0, partitions - 1) }
}
