import { progressOf, type PartitionProgress } from '@silt/contracts'
import type { FollowedTable } from '@silt/delta'

/** Progress of `topic` as the log says it (the truth of planning, I1), in no particular order. */
export function topicProgress(table: FollowedTable, topic: string): readonly PartitionProgress[] {
  return table.state === undefined ? [] : progressOf(table.state.txns, topic)
}
