import type { Clock } from '@silt/core'

/** A clock that is set like the wall's when it is made and never steps; its `nowMs` is whole. */
export interface SteadyClock extends Clock {
  /** The steady time of a wall time read just now, here or elsewhere. */
  fromWallMs(wallMs: number): number
  /** The wall time of a steady time; equal while the wall clock was not set. */
  toWallMs(steadyMs: number): number
}

/** Less than this the two differ by their resolution and by slewing: a job keeps its times to the millisecond. */
const stepMsMin = 1000

/** Planning waits by this one: a wall clock set back an hour would have everything wait an hour. */
export function steadyClock(clock: Clock): SteadyClock {
  const originMs = clock.nowMs() - clock.monotonicMs()
  const nowMs = (): number => Math.floor(originMs + clock.monotonicMs())
  const aheadMs = (): number => Math.floor(clock.nowMs()) - nowMs()
  return Object.freeze({
    nowMs,
    monotonicMs: () => clock.monotonicMs(),
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms, signal),
    fromWallMs: (wallMs: number) => wallMs - aheadMs(),
    toWallMs: (steadyMs: number) => steadyMs + (Math.abs(aheadMs()) < stepMsMin ? 0 : aheadMs()),
  })
}
