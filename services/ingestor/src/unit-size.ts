import type { PartitionPlan, PlanSettings, ReadRange } from './plan-state.ts'

/** First guess of a line's length in a file source. */
const firstBytesPerLine = 500
/** Stands for a record's size in byte budgets until one unit was read. */
const firstBytesPerRecord = 1024
/** Units aim below `unitBytesMax`, so that records a little larger than the last ones do not cut one short. */
const bytesAim = 0.9
const newestWeight = 0.5

export function firstOffsetsPerRecord(offsetUnit: 'record' | 'byte'): number {
  return offsetUnit === 'byte' ? firstBytesPerLine : 1
}

/** Share of a whole unit that `offsets` of this partition take; 1 = full. */
export function unitShare(plan: PartitionPlan, offsets: number, settings: PlanSettings): number {
  return offsets / fullOffsets(plan, settings)
}

/** Offsets of this partition that make a unit as large as it may be, at least 1. */
export function fullOffsets(plan: PartitionPlan, settings: PlanSettings): number {
  const { offsetsPerRecord, bytesPerOffset } = plan
  const recordsMax =
    bytesPerOffset === undefined
      ? Math.min(settings.unitFirstOffsets, settings.unitMaxOffsets)
      : settings.unitMaxOffsets
  const byRecords = recordsMax * offsetsPerRecord
  const byBytes = (settings.unitBytesMax * bytesAim) / estimatedBytesPerOffset(plan)
  return Math.max(1, Math.floor(Math.min(byRecords, byBytes)))
}

export function estimatedBytesPerOffset(plan: PartitionPlan): number {
  return Math.max(plan.bytesPerOffset ?? firstBytesPerRecord / plan.offsetsPerRecord, 1e-6)
}

export function recordsIn(plan: PartitionPlan, offsets: number): number {
  return offsets / plan.offsetsPerRecord
}

/** Learns from a unit as read: `bytes` decoded over all its ranges. Ranges of other partitions are ignored. */
export function withLearntSize(
  plan: PartitionPlan,
  ranges: readonly ReadRange[],
  bytes: number,
  offsetUnit: 'record' | 'byte',
): PartitionPlan {
  const read = ranges.reduce((sum, range) => sum + range.read, 0)
  const own = ranges.find((range) => range.partition === plan.partition)
  const length = own === undefined ? 0 : own.endExclusive - own.start
  if (own === undefined || length <= 0) return plan
  const ownBytes = read === 0 ? 0 : (bytes * own.read) / read
  const bytesPerOffset = mix(plan.bytesPerOffset, ownBytes / length)
  const offsetsPerRecord =
    offsetUnit === 'byte' && own.read > 0 ? mix(plan.offsetsPerRecord, length / own.read) : plan.offsetsPerRecord
  return Object.freeze({ ...plan, bytesPerOffset, offsetsPerRecord })
}

function mix(before: number | undefined, observed: number): number {
  return before === undefined ? observed : before * (1 - newestWeight) + observed * newestWeight
}
