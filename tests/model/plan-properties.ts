import { outstandingRanges, type PlanState, type Plan } from './product.ts'

/** What a plan may never do, whatever it was made from (L1a). */
export function brokenByPlan(before: PlanState, made: Plan): string | undefined {
  return sharedAtTxn(made) ?? sameBoundariesAgain(before, made) ?? noOverlap(made)
}

/** Two units that share two partitions must never wait for each other. */
function sharedAtTxn({ state, issue }: Plan): string | undefined {
  for (const { unit, again } of issue) {
    if (again || unit.ranges.length < 2) continue
    for (const range of unit.ranges)
      if (range.start !== state.partitions.get(range.partition)?.next)
        return `L1a: a shared unit is cut from partition ${range.partition}, which is ahead of txn`
  }
  return undefined
}

/** New boundaries each time make five times the writes and a lag that grows. */
function sameBoundariesAgain(before: PlanState, made: Plan): string | undefined {
  for (const unit of before.units.values()) {
    const isAgain = unit.ranges.some((range) => made.replanned.includes(range.partition))
    if (isAgain && !unit.short && !made.issue.some((each) => each.unit.unitId === unit.unitId))
      return `L1a: a unit of partition ${unit.ranges[0]?.partition} is planned again with other boundaries`
  }
  return undefined
}

function noOverlap({ state }: Plan): string | undefined {
  for (const partition of state.partitions.keys()) {
    let end = 0
    for (const range of outstandingRanges(state, partition)) {
      if (range.start < end) return `L1a: outstanding units of partition ${partition} overlap at ${range.start}`
      end = range.endExclusive
    }
  }
  return undefined
}
