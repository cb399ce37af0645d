import type { Clock } from '@silt/core'

/** By both clocks: the steady one stands still while a machine sleeps, the other can be set back. */
export interface Moment {
  readonly steadyMs: number
  readonly wallMs: number
}

export function momentOf(clock: Clock): Moment {
  return { steadyMs: clock.monotonicMs(), wallMs: clock.nowMs() }
}

/** How long ago `moment` was, by whichever clock says more. */
export function msSince(moment: Moment, clock: Clock): number {
  const { steadyMs, wallMs } = momentOf(clock)
  return Math.max(steadyMs - moment.steadyMs, wallMs - moment.wallMs)
}
