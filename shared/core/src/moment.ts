import type { Clock } from './clock.ts'

/**
 * A point in time by both clocks, for what must not seem younger than it is: a proof, a lease, a deadline that another machine keeps too. The
 * steady clock stands still while a machine sleeps, the wall clock can be set back.
 */
export interface Moment {
  readonly steadyMs: number
  readonly wallMs: number
}

type BothClocks = Pick<Clock, 'nowMs' | 'monotonicMs'>

export function momentOf(clock: BothClocks): Moment {
  return { steadyMs: clock.monotonicMs(), wallMs: clock.nowMs() }
}

/** How long ago `moment` was, ms, by whichever clock says more. */
export function msSince(moment: Moment, clock: BothClocks): number {
  const { steadyMs, wallMs } = momentOf(clock)
  return Math.max(steadyMs - moment.steadyMs, wallMs - moment.wallMs)
}
