import type { UnitRange } from '@silt/contracts'
import type { PartitionPlan, PlanState } from './product.ts'

/** A unit on its way, in either queue; equal units are one job there, as their id is. */
export interface QueuedUnit {
  readonly id: string
  readonly ranges: readonly UnitRange[]
  readonly full: boolean
}

/** One table, its ingestors' plans, both queues. */
export interface IngestState {
  /** Readable end and `txn` of each partition. */
  readonly ends: readonly number[]
  readonly txn: readonly number[]
  /** Which assignment of partitions holds. */
  readonly assignment: number
  readonly plans: readonly PlanState[]
  /** Taken by writers in any order. */
  readonly write: readonly QueuedUnit[]
  /** Held by the committer in order of arrival, as many as it may hold. */
  readonly commit: readonly QueuedUnit[]
}

/** The model's clock stands still here; only what has to wait is let wait, by a jump past every delay. */
export const nowMs = 1_000_000_000

/** How much time was waited is nobody's business but that of the steps that say so: everything due is due, everything held is held. */
export function standing(plan: PlanState): PlanState {
  const partitions = new Map([...plan.partitions].map(([partition, each]) => [partition, standingPartition(each)]))
  const units = new Map(
    [...plan.units].map(([id, unit]) => [id, { ...unit, cutAtMs: nowMs, attempts: Math.min(2, unit.attempts) }]),
  )
  return { ...plan, generation: 0, partitions, units, pacing: { nextSlotMs: 0, leadsMs: [] } }
}

function standingPartition(plan: PartitionPlan): PartitionPlan {
  return {
    ...plan,
    waitingSinceMs: plan.waitingSinceMs === undefined ? undefined : 0,
    unmovedSinceMs: nowMs,
    replanDelayMs: 1,
    holdUntilMs: plan.holdUntilMs > nowMs ? nowMs + 1 : 0,
    refusals: Math.min(1, plan.refusals),
    bytesPerOffset: undefined,
  }
}

export function ingestKey(state: IngestState): string {
  const queues = [state.write.map(queuedKey).sort().join(), state.commit.map(queuedKey).join()]
  return [state.ends, state.txn, state.assignment, ...state.plans.map(planKey), ...queues].join('|')
}

export function unitText(unit: { readonly ranges: readonly UnitRange[] }): string {
  return unit.ranges.map((each) => `p${each.partition}[${each.start},${each.endExclusive})`).join('+')
}

/** A unit written short keeps the id of what was asked. */
function queuedKey(unit: QueuedUnit): string {
  return unit.id + unitText(unit)
}

const planKeys = new WeakMap<PlanState, string>()

function planKey(plan: PlanState): string {
  const known = planKeys.get(plan)
  if (known !== undefined) return known
  const partitions = [...plan.partitions.values()]
    .sort((a, b) => a.partition - b.partition)
    .map((each) =>
      [
        each.partition,
        each.next,
        each.nextVersion,
        each.planned,
        each.ends?.readableEnd ?? '-',
        each.waitingSinceMs ?? '-',
        each.dueAtOnce ? 1 : 0,
        each.holdUntilMs,
        each.refusals,
      ].join(' '),
    )
  const units = [...plan.units.values()].map(
    (unit) => `${unitText(unit)}${unit.kind}${unit.attempts}${unit.short ? 's' : ''}`,
  )
  const key = `${partitions.join()};${units.sort().join()}`
  planKeys.set(plan, key)
  return key
}
