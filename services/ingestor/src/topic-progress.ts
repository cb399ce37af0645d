import { progressOf, type PartitionProgress } from '@silt/contracts'
import type { FollowedTable, TableState } from '@silt/delta'

/** Progress of `topic` as the log says it (the truth of planning, I1), in no particular order. */
export function topicProgress(table: FollowedTable, topic: string): readonly PartitionProgress[] {
  const { state } = table
  if (state === undefined) return []
  const found = known.get(state)
  if (found?.topic === topic) return found.progress
  const progress = progressOf(state.txns, topic)
  known.set(state, { topic, progress })
  return progress
}

/** A state does not change, and every step asks several times. */
const known = new WeakMap<TableState, { readonly topic: string; readonly progress: readonly PartitionProgress[] }>()
