import { unitId, type UnitRange } from '@silt/contracts'
import { assert, compareRanges } from '@silt/core'
import { cutTimeMs, dueRule, type DueRule } from './pacing.ts'
import { deadlyLimit } from './plan-deaths.ts'
import { setPartition, withoutUnit } from './plan-events.ts'
import {
  holesOf,
  outstandingRanges,
  waitingOffsets,
  type IssuedUnit,
  type OutstandingUnit,
  type PartitionPlan,
  type PlanSettings,
  type PlanState,
  type UnitKind,
} from './plan-state.ts'
import { estimatedBytesPerOffset, fullOffsets, recordsIn, unitShare } from './unit-size.ts'

export interface Plan {
  readonly state: PlanState
  /** To be put into the write queue, in this order. */
  readonly issue: readonly IssuedUnit[]
  /** Partitions planned again because they did not move. */
  readonly replanned: readonly number[]
  /** When a due small unit may be cut, ms; undefined: nothing waits for a slot. */
  readonly cutAtMs: number | undefined
}

/**
 * Cuts what may be cut now (architecture.md § 3 Ingestor): unmoved partitions again, then holes, then what waits, small and shared, then
 * full units ahead. Pure: the caller puts `issue` into the queue; should that fail, planning an unmoved partition again makes up for it.
 */
export function plan(state: PlanState, settings: PlanSettings, nowMs: number): Plan {
  const draft = new Draft(state, settings, nowMs)
  const replanned = replanUnmoved(draft)
  planDeadly(draft)
  fillHoles(draft)
  const cutAtMs = cutWaiting(draft)
  cutFullAhead(draft)
  return Object.freeze({ state: draft.state, issue: Object.freeze(draft.issue), replanned, cutAtMs })
}

/** The plan in the making; every cut goes through `cut`, which keeps the invariants of PartitionPlan. */
class Draft {
  state: PlanState
  readonly issue: IssuedUnit[] = []
  readonly settings: PlanSettings
  readonly nowMs: number

  constructor(state: PlanState, settings: PlanSettings, nowMs: number) {
    this.state = state
    this.settings = settings
    this.nowMs = nowMs
  }

  /** Partitions that may be planned for, ascending. */
  get plannable(): readonly PartitionPlan[] {
    return [...this.state.partitions.values()]
      .filter((each) => !each.stopped && each.ends !== undefined && each.holdUntilMs <= this.nowMs)
      .sort((a, b) => a.partition - b.partition)
  }

  cut(kind: UnitKind, topicId: string | null, ranges: readonly UnitRange[], apart = false): void {
    const sorted = Object.freeze([...ranges].sort(compareRanges))
    const id = unitId(topicId, sorted)
    assert(!this.state.units.has(id), `unit ${id} is outstanding already`)
    for (const range of sorted) this.#take(range)
    const unit: OutstandingUnit = Object.freeze({
      unitId: id,
      topicId,
      ranges: sorted,
      kind,
      cutAtMs: this.nowMs,
      attempts: 1,
      apart,
      short: false,
    })
    this.state = Object.freeze({ ...this.state, units: new Map(this.state.units).set(id, unit) })
    this.issue.push({ unit, again: false })
  }

  again(unit: OutstandingUnit): void {
    const next = Object.freeze({ ...unit, attempts: unit.attempts + 1 })
    this.state = Object.freeze({ ...this.state, units: new Map(this.state.units).set(unit.unitId, next) })
    this.issue.push({ unit: next, again: true })
  }

  #take(range: UnitRange): void {
    const each = this.state.partitions.get(range.partition)
    assert(
      each !== undefined && range.start >= each.next && range.endExclusive > range.start,
      'a range lies at or past txn',
    )
    const hasHead = outstandingRanges(this.state, range.partition).length > 0
    const planned = Math.max(each.planned, range.endExclusive)
    const isDrained = (each.ends?.readableEnd ?? 0) <= planned
    this.state = setPartition(this.state, {
      ...each,
      planned,
      waitingSinceMs: isDrained ? undefined : each.waitingSinceMs,
      dueAtOnce: false,
      unmovedSinceMs: hasHead ? each.unmovedSinceMs : this.nowMs,
    })
  }
}

/** L1a: the same boundaries and id, from memory; only a unit that came back short is cut anew (as a hole). */
function replanUnmoved(draft: Draft): readonly number[] {
  const { settings, nowMs } = draft
  const replanned: number[] = []
  const issued = new Set<string>()
  for (const each of draft.plannable) {
    if (nowMs - each.unmovedSinceMs < each.replanDelayMs || each.planned === each.next) continue
    const units = [...draft.state.units.values()]
      .filter((unit) => unit.ranges.some((range) => range.partition === each.partition))
      .sort((a, b) => startIn(a, each.partition) - startIn(b, each.partition))
    if (units.length === 0) continue
    replanned.push(each.partition)
    for (const unit of units) {
      if (issued.has(unit.unitId)) continue
      issued.add(unit.unitId)
      if (unit.short) draft.state = withoutUnit(draft.state, unit.unitId)
      else draft.again(unit)
    }
    const current = draft.state.partitions.get(each.partition) as PartitionPlan
    const replanDelayMs = Math.min(settings.replanAfterMaxMs, each.replanDelayMs * 2)
    draft.state = setPartition(draft.state, { ...current, unmovedSinceMs: nowMs, replanDelayMs })
  }
  return Object.freeze(replanned)
}

/** Where decoders died counts as planned, whoever planned it: so it is cut as holes are, and nothing else reaches into it. */
function planDeadly(draft: Draft): void {
  for (const each of draft.plannable) {
    const end = each.deadly.at(-1)?.endExclusive ?? 0
    if (end > each.planned) draft.state = setPartition(draft.state, { ...each, planned: end })
  }
}

/** What short, stale and refused units left, and those over which a decoder died: at once and alone, bounded by the cap on units only. */
function fillHoles(draft: Draft): void {
  const { settings } = draft
  for (const each of draft.plannable)
    for (const hole of holesOf(draft.state, each)) {
      const endMax = Math.min(hole.endExclusive, each.ends?.readableEnd ?? 0)
      for (let start = hole.start; start < endMax && draft.state.units.size < settings.unitsInFlightMax;) {
        const limit = deadlyLimit(each, start)
        const endExclusive = Math.min(endMax, limit.endMax, start + fullOffsets(each, settings))
        const range = { partition: each.partition, start, endExclusive, restart: each.restart }
        draft.cut('rest', each.topicId, [range], limit.apart)
        start = endExclusive
      }
    }
}

/**
 * What waits in partitions that stand at `txn`, packed into shared units, one topic id each (L1a). A pack that is as large as a unit may be
 * goes at any time; the small remainder when it is due, one at a time, just before its slot.
 */
function cutWaiting(draft: Draft): number | undefined {
  const { settings, nowMs } = draft
  const candidates = draft.plannable
    .filter((each) => each.planned === each.next && waitingOffsets(each) > 0)
    .filter((each) => waitingOffsets(each) < fullOffsets(each, settings))
    .sort((a, b) => (a.waitingSinceMs ?? nowMs) - (b.waitingSinceMs ?? nowMs))
  const small: { topicId: string | null; ranges: UnitRange[] }[] = []
  for (const group of groupByTopicId(candidates))
    for (const pack of packs(group, settings))
      if (!pack.isFull) small.push({ topicId: pack.topicId, ranges: pack.ranges })
      else if (hasRoom(draft, 'full', pack.ranges)) draft.cut('full', pack.topicId, pack.ranges)
  const left = candidates.filter((each) =>
    small.some((pack) => pack.ranges.some((r) => r.partition === each.partition)),
  )
  const rule = dueRule(draft.state.pacing, nowMs, settings.commitIntervalMinMs)
  if (left.length === 0 || hasSmallInFlight(draft.state) || !isDue(left, settings, rule)) return undefined
  const atMs = cutTimeMs(draft.state.pacing, settings.commitIntervalMinMs)
  if (atMs > nowMs) return atMs
  for (const pack of small) if (hasRoom(draft, 'small', pack.ranges)) draft.cut('small', pack.topicId, pack.ranges)
  return undefined
}

function isDue(waiting: readonly PartitionPlan[], settings: PlanSettings, { byMs, batchShare }: DueRule): boolean {
  if (settings.untilIdle || waiting.some((each) => each.dueAtOnce)) return true
  if (waiting.some((each) => byMs - (each.waitingSinceMs ?? byMs) >= settings.batchTimeoutMs)) return true
  return (
    waiting.reduce((sum, each) => sum + recordsIn(each, waitingOffsets(each)), 0) >= settings.batchSize * batchShare
  )
}

interface Pack {
  readonly topicId: string | null
  readonly ranges: UnitRange[]
  readonly isFull: boolean
}

/** Whole waits first to last; the range that fills a unit is cut where the unit is full, its rest is no longer at `txn` and waits. */
function packs(group: readonly PartitionPlan[], settings: PlanSettings): readonly Pack[] {
  const made: Pack[] = []
  let ranges: UnitRange[] = []
  let share = 0
  for (const each of group) {
    const free = Math.floor(fullOffsets(each, settings) * (1 - share))
    const take = Math.max(1, Math.min(waitingOffsets(each), free))
    ranges.push({ partition: each.partition, start: each.next, endExclusive: each.next + take, restart: each.restart })
    share += unitShare(each, take, settings)
    const isFull = take >= free
    if (!isFull) continue
    made.push({ topicId: each.topicId, ranges, isFull })
    ranges = []
    share = 0
  }
  const topicId = group[0]?.topicId ?? null
  return ranges.length === 0 ? made : [...made, { topicId, ranges, isFull: false }]
}

/** Full units of one partition, ahead of `txn`; the partition with the fewest units in flight goes first. */
function cutFullAhead(draft: Draft): void {
  const { settings } = draft
  for (;;) {
    const next = draft.plannable
      .filter((each) => waitingOffsets(each) >= fullOffsets(each, settings))
      .map((each) => ({ each, inFlight: outstandingRanges(draft.state, each.partition).length }))
      .sort((a, b) => a.inFlight - b.inFlight)[0]?.each
    if (next === undefined) return
    const { partition, planned: start, restart } = next
    const ranges = [{ partition, start, endExclusive: start + fullOffsets(next, settings), restart }]
    if (!hasRoom(draft, 'full', ranges)) return
    draft.cut('full', next.topicId, ranges)
  }
}

/**
 * Back-pressure: caps on units, records and bytes uncommitted. Full units leave one place free, or a flooded partition would keep trickles of
 * others from being fresh. Where nothing is uncommitted one unit always fits.
 */
function hasRoom(draft: Draft, kind: UnitKind, ranges: readonly UnitRange[]): boolean {
  const { state, settings } = draft
  if (state.units.size === 0) return true
  const unitsMax = kind === 'full' ? Math.max(1, settings.unitsInFlightMax - 1) : settings.unitsInFlightMax
  if (state.units.size >= unitsMax) return false
  let records = 0
  let bytes = 0
  for (const each of state.partitions.values()) {
    const own = ranges.find((range) => range.partition === each.partition)
    const offsets = each.planned - each.next + (own === undefined ? 0 : own.endExclusive - own.start)
    records += recordsIn(each, offsets)
    bytes += offsets * estimatedBytesPerOffset(each)
  }
  return records <= settings.uncommittedOffsetsMax && bytes <= settings.uncommittedBytesMax
}

function hasSmallInFlight(state: PlanState): boolean {
  for (const unit of state.units.values()) if (unit.kind === 'small') return true
  return false
}

function groupByTopicId(plans: readonly PartitionPlan[]): readonly (readonly PartitionPlan[])[] {
  const groups = new Map<string | null, PartitionPlan[]>()
  for (const each of plans) groups.set(each.topicId, [...(groups.get(each.topicId) ?? []), each])
  return [...groups.values()]
}

function startIn(unit: OutstandingUnit, partition: number): number {
  return unit.ranges.find((range) => range.partition === partition)?.start ?? 0
}
