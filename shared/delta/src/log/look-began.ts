import { momentOf, type Clock, type Moment, type ObjectStore } from '@silt/core'
import { lastCheckpointKey } from './file-names.ts'

/**
 * Now, as a look at the log begins, by the store's clock too: a store that has not answered yet is asked something small first, or a look that a
 * halted machine stood still in would seem fresh (I8a). Errors: the store's.
 */
export async function lookBegan(store: ObjectStore, clock: Pick<Clock, 'nowMs' | 'monotonicMs'>): Promise<Moment> {
  if (store.newestAnswerMs() === undefined) await store.get(lastCheckpointKey)
  return momentOf(clock, store)
}
