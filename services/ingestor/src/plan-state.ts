import type { PartitionEnds, RangeCounts } from '@silt/core'
import type { UnitRange } from '@silt/contracts'
import type { Pacing } from './pacing.ts'

/** A stretch of offsets that is to be a unit of its own. */
export interface DeadlyPiece {
  readonly start: number
  readonly endExclusive: number
}

/** Limits of planning; sizes in records become offsets through each partition's learnt offsets per record. */
export interface PlanSettings {
  /** This many waiting records make a unit due. */
  readonly batchSize: number
  /** A record waits at most this long before its unit is due. */
  readonly batchTimeoutMs: number
  /** Records of one unit, over all its ranges. */
  readonly unitMaxOffsets: number
  /** Records of a unit while nothing is learnt about their size. */
  readonly unitFirstOffsets: number
  readonly unitBytesMax: number
  readonly unitsInFlightMax: number
  /** Records planned and not committed, over all partitions owned. */
  readonly uncommittedOffsetsMax: number
  readonly uncommittedBytesMax: number
  /** An unmoved partition is planned again after this, doubling up to `replanAfterMaxMs`. */
  readonly replanAfterMs: number
  readonly replanAfterMaxMs: number
  /** The committer's shortest time between versions of small units: no notice can make a cut wait longer. */
  readonly commitIntervalMinMs: number
  /** Everything that waits is due at once. */
  readonly untilIdle: boolean
  readonly offsetUnit: 'record' | 'byte'
}

/** How a unit came about. `full`: as large as a unit may be; `small`: what waited, paced; `rest`: planned again alone, not paced. */
export type UnitKind = 'full' | 'small' | 'rest'

/** A unit cut and not known to be committed. */
export interface OutstandingUnit {
  readonly unitId: string
  readonly topicId: string | null
  /** Sorted by partition; after a short return only what was written. */
  readonly ranges: readonly UnitRange[]
  readonly kind: UnitKind
  /** When it was first cut, ms: part of the job, the same each time it is issued. */
  readonly cutAtMs: number
  readonly attempts: number
  /** Begins where a decoder died: to be decoded in a process of its own. */
  readonly apart: boolean
  /** The writer returned less than it was asked for: planned again it is cut anew. */
  readonly short: boolean
}

/**
 * One owned partition that the table has progress for.
 *
 * 1. `next <= planned`.
 * 2. Outstanding ranges lie in `[next, planned)` and do not overlap; what they leave free is a hole, planned at once.
 */
export interface PartitionPlan {
  readonly partition: number
  readonly topicId: string | null
  readonly restart: number
  /** Next offset to be committed, as the newest version seen says. */
  readonly next: number
  readonly nextVersion: number
  readonly planned: number
  readonly ends: PartitionEnds | undefined
  /** Since when something waits beyond `planned`. */
  readonly waitingSinceMs: number | undefined
  /** What waits is due without waiting for company: just taken over. */
  readonly dueAtOnce: boolean
  /** Last sign of life of its head unit: cut, issued, written, or `next` moved. */
  readonly unmovedSinceMs: number
  readonly replanDelayMs: number
  /** Nothing is planned before this: its last unit was refused. */
  readonly holdUntilMs: number
  readonly refusals: number
  readonly stopped: boolean
  /** Where a decoder died, in the pieces to be cut next: ascending, apart from each other or touching, none empty, none below `next`. */
  readonly deadly: readonly DeadlyPiece[]
  readonly offsetsPerRecord: number
  /** Decoded bytes per offset; undefined until a unit was read. */
  readonly bytesPerOffset: number | undefined
}

export interface PlanState {
  readonly generation: number
  readonly partitions: ReadonlyMap<number, PartitionPlan>
  readonly units: ReadonlyMap<string, OutstandingUnit>
  readonly pacing: Pacing
}

/** What the loop is to put into the write queue. `again`: issued before, same boundaries and id. */
export interface IssuedUnit {
  readonly unit: OutstandingUnit
  readonly again: boolean
}

/** Where the log says a partition stands. */
export interface PartitionTruth {
  readonly partition: number
  readonly topicId: string | null
  readonly restart: number
  readonly next: number
}

/** A range with what was read of it. */
export type ReadRange = Pick<RangeCounts, 'partition' | 'start' | 'endExclusive' | 'read'>

/** Offsets readable and not yet planned. */
export function waitingOffsets(plan: PartitionPlan): number {
  return Math.max(0, (plan.ends?.readableEnd ?? 0) - plan.planned)
}

/** Parts of `[next, planned)` that no outstanding unit covers, ascending. */
export function holesOf(state: PlanState, plan: PartitionPlan): readonly { start: number; endExclusive: number }[] {
  const holes: { start: number; endExclusive: number }[] = []
  let cursor = plan.next
  for (const range of outstandingRanges(state, plan.partition)) {
    if (range.start > cursor) holes.push({ start: cursor, endExclusive: range.start })
    cursor = Math.max(cursor, range.endExclusive)
  }
  if (cursor < plan.planned) holes.push({ start: cursor, endExclusive: plan.planned })
  return holes
}

/** Outstanding ranges of one partition, by start. */
export function outstandingRanges(state: PlanState, partition: number): readonly UnitRange[] {
  const ranges: UnitRange[] = []
  for (const unit of state.units.values())
    for (const range of unit.ranges) if (range.partition === partition) ranges.push(range)
  return ranges.sort((a, b) => a.start - b.start)
}

/** Whether anything cut is not known to be committed. */
export function isUncommitted(state: PlanState): boolean {
  if (state.units.size > 0) return true
  for (const plan of state.partitions.values()) if (plan.planned > plan.next) return true
  return false
}
