import type { PartitionEnds } from '@silt/core'
import type { CommitNotice, DeadlyRange, WriteResult } from '@silt/contracts'
import { deadlyFrom, deathIn, isStuck, withDeath } from './plan-deaths.ts'
import { firstPacing, withLead, withSlot } from './pacing.ts'
import type { OutstandingUnit, PartitionPlan, PartitionTruth, PlanSettings, PlanState } from './plan-state.ts'
import { firstOffsetsPerRecord, withLearntSize } from './unit-size.ts'

/** What happened, folded into the plan. Every function here is pure; times are wall ms. */

const refusalHoldFirstMs = 1000

export function emptyPlan(): PlanState {
  return Object.freeze({ generation: -1, partitions: new Map(), units: new Map(), pacing: firstPacing() })
}

/**
 * A new assignment: everything planned under an older generation is dropped, owned partitions are planned anew from where the log
 * says they stand (`truths`, those the table has progress for). What was learnt of sizes stays.
 */
export function withAssignment(
  state: PlanState,
  generation: number,
  truths: readonly PartitionTruth[],
  version: number,
  nowMs: number,
  settings: PlanSettings,
): PlanState {
  const partitions = new Map<number, PartitionPlan>()
  for (const truth of truths)
    partitions.set(
      truth.partition,
      newPartition(truth, version, nowMs, settings, state.partitions.get(truth.partition)),
    )
  return Object.freeze({ ...state, generation, partitions, units: new Map() })
}

/**
 * The log as read at `version` (the truth). A partition not in the plan yet is taken in; one that went back, changed its topic id or was
 * restarted is planned anew; units the log has overtaken are dropped and what is left of them becomes a hole.
 */
export function withTruth(
  state: PlanState,
  truths: readonly PartitionTruth[],
  version: number,
  nowMs: number,
  settings: PlanSettings,
): PlanState {
  let next = state
  for (const truth of truths) {
    const plan = next.partitions.get(truth.partition)
    if (plan !== undefined && plan.nextVersion > version) continue
    const isSame =
      plan !== undefined && plan.topicId === truth.topicId && plan.restart === truth.restart && plan.next <= truth.next
    if (isSame) next = setPartition(next, advanced(plan, truth.next, version, nowMs, settings))
    else {
      if (plan !== undefined) next = withoutUnitsOf(next, plan.partition)
      next = setPartition(next, newPartition(truth, version, nowMs, settings, plan))
    }
  }
  return settled(next)
}

/** Ends as polled; partitions without an answer keep their last one. */
export function withEnds(state: PlanState, ends: readonly PartitionEnds[], nowMs: number): PlanState {
  const partitions = new Map(state.partitions)
  for (const each of ends) {
    const plan = partitions.get(each.partition)
    if (plan === undefined) continue
    const isWaiting = each.readableEnd > plan.planned
    partitions.set(
      each.partition,
      Object.freeze({
        ...plan,
        ends: each,
        waitingSinceMs: isWaiting ? (plan.waitingSinceMs ?? nowMs) : undefined,
        dueAtOnce: plan.dueAtOnce && isWaiting,
      }),
    )
  }
  return Object.freeze({ ...state, partitions })
}

/** Which partitions are stopped now. A stopped one loses its units, their other ranges are planned again alone. */
export function withStops(state: PlanState, stopped: ReadonlySet<number>): PlanState {
  let next = state
  for (const plan of state.partitions.values()) {
    const isStopped = stopped.has(plan.partition)
    if (isStopped === plan.stopped) continue
    if (isStopped) next = withoutUnitsOf(next, plan.partition)
    const current = next.partitions.get(plan.partition) as PartitionPlan
    next = setPartition(next, { ...current, stopped: isStopped, planned: current.next, dueAtOnce: true })
  }
  return next
}

/** Nothing is planned for these partitions before `untilMs`; their units stay. */
export function withHold(state: PlanState, partitions: readonly number[], untilMs: number): PlanState {
  let next = state
  for (const partition of partitions) {
    const plan = next.partitions.get(partition)
    if (plan !== undefined) next = setPartition(next, { ...plan, holdUntilMs: Math.max(plan.holdUntilMs, untilMs) })
  }
  return next
}

/**
 * A moment of a paused table, in which nothing can move: that a partition did not is no sign of anything. Its units stay, as what was written of
 * them may be committed on release.
 */
export function withStandstill(state: PlanState, nowMs: number, settings: PlanSettings): PlanState {
  const partitions = new Map(
    [...state.partitions].map(([partition, plan]) => {
      const standing = { ...plan, unmovedSinceMs: nowMs, replanDelayMs: settings.replanAfterMs }
      return [partition, Object.freeze(standing)] as const
    }),
  )
  return Object.freeze({ ...state, partitions })
}

/** A notice about a commit job: a hint. Of a unit that is not ours only the slot is taken. */
export function withNotice(
  state: PlanState,
  unitId: string,
  notice: CommitNotice,
  nowMs: number,
  settings: PlanSettings,
): PlanState {
  const pacing = withSlot(state.pacing, notice.nextSlot, nowMs, settings.commitIntervalMinMs)
  let next: PlanState = Object.freeze({ ...state, pacing })
  const unit = next.units.get(unitId)
  if (unit === undefined) return next
  if (notice.outcome === 'refused') return refused(next, unit, nowMs, settings)
  for (const range of unit.ranges) {
    const plan = next.partitions.get(range.partition)
    const offset = notice.txn[String(range.partition)]
    if (plan === undefined || offset === undefined || notice.version < plan.nextVersion || offset < plan.next) continue
    next = setPartition(next, advanced(plan, offset, notice.version, nowMs, settings))
  }
  next = settled(next)
  return notice.outcome === 'stale' ? stale(next, unit, nowMs, settings) : next
}

/**
 * A writer's answer. `written` short of what was asked leaves a hole; `refused` is held back a while; `behind` waits for the log; `decoder-died` is cut
 * smaller at once.
 */
export function withWriteResult(
  state: PlanState,
  unitId: string,
  result: WriteResult,
  nowMs: number,
  settings: PlanSettings,
): PlanState {
  const unit = state.units.get(unitId)
  if (unit === undefined || result.outcome === 'behind') return state
  if (result.outcome === 'refused') return refused(state, unit, nowMs, settings)
  if (result.outcome === 'decoder-died') return decoderDied(state, unit, result.ranges, nowMs, settings)
  let next = state
  for (const range of unit.ranges) {
    const plan = next.partitions.get(range.partition)
    if (plan === undefined) continue
    const learnt = withLearntSize(plan, result.ranges, result.bytes, settings.offsetUnit)
    const isHead = range.start <= plan.next
    next = setPartition(next, isHead ? { ...learnt, unmovedSinceMs: nowMs } : learnt)
  }
  if (unit.kind === 'small' && unit.attempts === 1)
    next = { ...next, pacing: withLead(next.pacing, Math.max(0, nowMs - unit.cutAtMs)) }
  const ranges = unit.ranges.flatMap((range) => {
    const written = result.ranges.find((each) => each.partition === range.partition && each.start === range.start)
    const endExclusive = Math.min(written?.endExclusive ?? range.start, range.endExclusive)
    return endExclusive > range.start ? [{ ...range, endExclusive }] : []
  })
  if (ranges.length === 0) return refused(next, unit, nowMs, settings)
  const isShort =
    ranges.length < unit.ranges.length || ranges.some((r, i) => r.endExclusive < (unit.ranges[i]?.endExclusive ?? 0))
  if (!isShort) return Object.freeze(next)
  return Object.freeze({
    ...next,
    units: new Map(next.units).set(unitId, Object.freeze({ ...unit, ranges, short: true })),
  })
}

/** The unit is forgotten; what is not committed of its ranges becomes a hole. */
export function withoutUnit(state: PlanState, unitId: string): PlanState {
  if (!state.units.has(unitId)) return state
  const units = new Map(state.units)
  units.delete(unitId)
  return Object.freeze({ ...state, units })
}

export function setPartition(state: PlanState, plan: PartitionPlan): PlanState {
  return Object.freeze({ ...state, partitions: new Map(state.partitions).set(plan.partition, Object.freeze(plan)) })
}

function withoutUnitsOf(state: PlanState, partition: number): PlanState {
  let next = state
  for (const unit of state.units.values())
    if (unit.ranges.some((range) => range.partition === partition)) next = withoutUnit(next, unit.unitId)
  return next
}

/**
 * Planned again at once; where the head of a partition comes back unmoved time after time (writer and committer differ in a setting, files
 * that are too old as soon as they are put), longer and longer after: each round leaves files that nobody refers to.
 */
function stale(state: PlanState, unit: OutstandingUnit, nowMs: number, settings: PlanSettings): PlanState {
  let next = withoutUnit(state, unit.unitId)
  for (const range of unit.ranges) {
    const plan = next.partitions.get(range.partition)
    if (plan === undefined || plan.next !== range.start) continue
    const holdUntilMs = plan.refusals === 0 ? plan.holdUntilMs : nowMs + holdMs(plan.refusals - 1, settings)
    next = setPartition(next, { ...plan, holdUntilMs, refusals: plan.refusals + 1 })
  }
  return next
}

/** Held back before it is planned again: whatever refused it may last, and a loop of refusals must not spin. */
function refused(state: PlanState, unit: OutstandingUnit, nowMs: number, settings: PlanSettings): PlanState {
  let next = withoutUnit(state, unit.unitId)
  for (const range of unit.ranges) {
    const plan = next.partitions.get(range.partition)
    if (plan === undefined) continue
    const holdUntilMs = nowMs + holdMs(plan.refusals, settings)
    next = setPartition(next, { ...plan, holdUntilMs, refusals: plan.refusals + 1 })
  }
  return next
}

/** L1a: each death cuts what is planned there next smaller, and alone. What cannot be cut smaller is held back like what is refused. */
function decoderDied(
  state: PlanState,
  unit: OutstandingUnit,
  answered: readonly DeadlyRange[],
  nowMs: number,
  settings: PlanSettings,
): PlanState {
  let next = withoutUnit(state, unit.unitId)
  let isHeldBack = false
  for (const range of unit.ranges) {
    const plan = next.partitions.get(range.partition)
    const died = deathIn(unit, range, answered)
    if (plan === undefined || died === undefined) continue
    next = setPartition(next, withDeath(plan, died))
    isHeldBack ||= isStuck(unit, died)
  }
  return isHeldBack ? refused(next, unit, nowMs, settings) : next
}

function holdMs(refusals: number, settings: PlanSettings): number {
  return Math.min(settings.replanAfterMaxMs, refusalHoldFirstMs * 2 ** Math.min(refusals, 16))
}

/**
 * Forgets units that are committed, and those the log has overtaken: a unit with any range behind `next` will be dropped by the committer
 * (I3), so what remains of it is planned again now.
 */
function settled(state: PlanState): PlanState {
  let next = state
  for (const unit of state.units.values()) {
    const isOvertaken = unit.ranges.some((range) => {
      const plan = state.partitions.get(range.partition)
      return plan === undefined || range.start < plan.next
    })
    if (isOvertaken) next = withoutUnit(next, unit.unitId)
  }
  return next
}

function advanced(
  plan: PartitionPlan,
  offset: number,
  version: number,
  nowMs: number,
  settings: PlanSettings,
): PartitionPlan {
  if (offset === plan.next) return { ...plan, nextVersion: Math.max(version, plan.nextVersion) }
  const planned = Math.max(plan.planned, offset)
  return {
    ...plan,
    next: offset,
    nextVersion: version,
    planned,
    deadly: deadlyFrom(plan.deadly, offset),
    waitingSinceMs: (plan.ends?.readableEnd ?? 0) > planned ? plan.waitingSinceMs : undefined,
    unmovedSinceMs: nowMs,
    replanDelayMs: settings.replanAfterMs,
    holdUntilMs: 0,
    refusals: 0,
  }
}

function newPartition(
  truth: PartitionTruth,
  version: number,
  nowMs: number,
  settings: PlanSettings,
  before: PartitionPlan | undefined,
): PartitionPlan {
  const isSameLog = before?.topicId === truth.topicId && before.restart === truth.restart
  return Object.freeze({
    partition: truth.partition,
    topicId: truth.topicId,
    restart: truth.restart,
    next: truth.next,
    nextVersion: version,
    planned: truth.next,
    ends: undefined,
    waitingSinceMs: undefined,
    dueAtOnce: true,
    unmovedSinceMs: nowMs,
    replanDelayMs: settings.replanAfterMs,
    holdUntilMs: 0,
    refusals: 0,
    stopped: false,
    deadly: isSameLog ? deadlyFrom(before.deadly, truth.next) : Object.freeze([]),
    offsetsPerRecord: before?.offsetsPerRecord ?? firstOffsetsPerRecord(settings.offsetUnit),
    bytesPerOffset: before?.bytesPerOffset,
  })
}
