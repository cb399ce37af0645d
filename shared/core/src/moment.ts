import type { Clock } from './clock.ts'
import type { ObjectStore } from './ports/object-store.ts'

/**
 * A point in time by every clock there is, for what must not seem younger than it is: a proof, a lease, a deadline that another machine keeps too.
 * The steady clock stands still while a machine sleeps, the wall clock can be set back, and a virtual machine that was halted has both stand still:
 * only the store's tells.
 */
export interface Moment {
  readonly steadyMs: number
  readonly wallMs: number
  /** What the store's clock said last; undefined where no store has answered or none was asked. */
  readonly storeMs: number | undefined
}

type BothClocks = Pick<Clock, 'nowMs' | 'monotonicMs'>
type AnsweringStore = Pick<ObjectStore, 'newestAnswerMs'>

export function momentOf(clock: BothClocks, store?: AnsweringStore): Moment {
  return { steadyMs: clock.monotonicMs(), wallMs: clock.nowMs(), storeMs: store?.newestAnswerMs() }
}

/** How long ago `moment` was, ms, by whichever clock says most; the store's says how old it is from the next answer on. */
export function msSince(moment: Moment, clock: BothClocks, store?: AnsweringStore): number {
  const { steadyMs, wallMs, storeMs } = momentOf(clock, store)
  const byStoreMs = storeMs === undefined || moment.storeMs === undefined ? 0 : storeMs - moment.storeMs
  return Math.max(steadyMs - moment.steadyMs, wallMs - moment.wallMs, byStoreMs)
}
