import type { StructType } from '@silt/core'
import { startKey, type HeldJobs, type HeldStart, type HeldUnit } from './held-jobs.ts'
import { widenedSchema, type LedgerTable } from './ledger.ts'
import { partitionKey } from './progress-index.ts'

/** What one commit may hold; a single unit beyond them is committed alone. */
export interface GroupLimits {
  readonly actionsMax: number
  /** Of the units' adds, as they weigh in the log. */
  readonly bytesMax: number
}

export interface CommitGroup {
  readonly units: readonly HeldUnit[]
  readonly starts: readonly HeldStart[]
  /** The table's schema after this commit. */
  readonly schema: StructType
}

export interface GroupPlan {
  /** What to commit when the slot is due, or at once where `urgent`. Empty: nothing can be. */
  readonly group: CommitGroup
  /** A full unit or a start is in the group: it does not wait for a slot. */
  readonly urgent: boolean
  /** Held units that join up with `txn` through others, in the group or not. The rest is ahead of a gap. */
  readonly reachable: ReadonlySet<HeldUnit>
}

/**
 * The longest run of held units that join up with `txn`, ranges placed one after another (I3); nothing across a gap.
 * A shared unit is taken only when all its ranges fit at once. With `deadLettersPending` no unit with dead letters is taken (I5).
 * A unit whose schema does not fit what the units before it bring stays for the next commit. Two units for the same start: the first come.
 */
export function planGroup(
  held: HeldJobs,
  table: LedgerTable,
  options: { readonly limits: GroupLimits; readonly deadLettersPending: boolean },
): GroupPlan {
  const reachable = new Set(runOf(held, table, () => true))
  const room = roomFor(table, options.limits)
  const units = runOf(
    held,
    table,
    (unit) => !(options.deadLettersPending && unit.job.deadLetterAdds.length > 0) && room.take(unit),
  )
  const starts = distinctStarts(held.starts)
  return {
    group: { units, starts, schema: room.schema() },
    urgent: starts.length > 0 || units.some((unit) => unit.job.full),
    reachable,
  }
}

/** Follows every partition from its `txn`; a unit is looked at each time one of its partitions arrives at it. */
function runOf(held: HeldJobs, table: LedgerTable, accept: (unit: HeldUnit) => boolean): HeldUnit[] {
  const taken: HeldUnit[] = []
  const seen = new Set<HeldUnit>()
  const moved = new Map<string, number>()
  const nextOf = (unit: HeldUnit, partition: number): number | undefined => {
    const { topic, topicId } = unit.job
    return moved.get(partitionKey(topic, topicId, partition)) ?? table.progress.cursor(topic, topicId, partition)?.next
  }
  const fits = (unit: HeldUnit): boolean =>
    unit.job.ranges.every((range) => range.start === nextOf(unit, range.partition) && sameRestart(unit, range, table))
  const work = [...held.units]
  for (let unit = work.shift(); unit !== undefined; unit = work.shift()) {
    if (seen.has(unit) || !fits(unit) || !accept(unit)) continue
    seen.add(unit)
    taken.push(unit)
    const { job } = unit
    for (const range of job.ranges) {
      moved.set(partitionKey(job.topic, job.topicId, range.partition), range.endExclusive)
      work.push(...held.startingAt(startKey(job, { ...range, start: range.endExclusive })))
    }
  }
  return taken
}

function sameRestart(unit: HeldUnit, range: { partition: number; restart: number }, table: LedgerTable): boolean {
  return table.progress.cursor(unit.job.topic, unit.job.topicId, range.partition)?.restart === range.restart
}

/** Counts what the commit holds so far; refuses everything after the first unit that does not fit. */
function roomFor(table: LedgerTable, limits: GroupLimits): { take(unit: HeldUnit): boolean; schema(): StructType } {
  let actions = 0
  let bytes = 0
  let current = table.schema
  let closed = false
  return {
    take(unit) {
      if (closed) return false
      const { job } = unit
      const merged = widenedSchema(current, job.schema, table)
      if (merged === undefined) return false
      const files = job.adds.length + job.deadLetterAdds.length
      const unitActions = files + 2 * job.ranges.length
      const unitBytes = weightBytes(unit)
      closed = actions > 0 && (actions + unitActions > limits.actionsMax || bytes + unitBytes > limits.bytesMax)
      if (closed) return false
      actions += unitActions
      bytes += unitBytes
      current = merged
      return true
    },
    schema: () => current,
  }
}

/** Roughly what a unit adds to the log's JSON: statistics dominate, tags are written once a file. */
function weightBytes(unit: HeldUnit): number {
  const { adds, deadLetterAdds, ranges } = unit.job
  const tagBytes = 100 + 60 * ranges.length
  const addBytes = [...adds, ...deadLetterAdds].reduce((sum, add) => sum + 300 + tagBytes + (add.stats?.length ?? 0), 0)
  return addBytes + 200 * ranges.length
}

/** One start a partition in one commit, whatever its topic id: the ledger judges the others by what the first became (I3a). */
function distinctStarts(starts: Iterable<HeldStart>): readonly HeldStart[] {
  const first = new Map<string, HeldStart>()
  for (const start of starts) {
    const place = `${start.job.topic}:${start.job.partition}`
    if (!first.has(place)) first.set(place, start)
  }
  return [...first.values()]
}
