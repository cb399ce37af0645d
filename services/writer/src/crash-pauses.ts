import { SiltError, type Clock, type Log } from '@silt/core'

/** Longer ones are told, and need a place. */
const unsaidMsMax = 2000

export interface CrashPausesOptions {
  readonly clock: Clock
  /** CRASH_PAUSE_MAX_MS. */
  readonly maxMs: number
  /** Units that may wait out a long pause at once, so that others still find the writer free. */
  readonly placesMax: number
  /** Ends every pause: the writer is to stop. */
  readonly stopping: AbortSignal
}

/**
 * Pauses between the deaths that condemn a record. They grow, so that what kills processes for a while and spares a small sound record (memory short
 * for seconds) has time to pass. A unit keeps its job meanwhile: the queue's lock lives as long as its handler does.
 */
export class CrashPauses {
  readonly #options: CrashPausesOptions
  #waiting = 0

  constructor(options: CrashPausesOptions) {
    this.#options = options
  }

  /**
   * Waits before the attempt after `crashes` deaths apart from others. Throws `encoder/pause-cut` (unavailable) when the writer stops and
   * `encoder/pauses-taken` (unavailable) when no place is left: the job is put back, and what killed is found out again.
   */
  async wait(crashes: number, log: Log, signal: AbortSignal): Promise<void> {
    const { clock, maxMs, placesMax, stopping } = this.#options
    const pauseMs = crashPauseMs(crashes, maxMs)
    const isLong = pauseMs > unsaidMsMax
    if (isLong && this.#waiting >= placesMax)
      throw new SiltError('unavailable', 'encoder/pauses-taken', `${placesMax} other records are waiting to be judged`)
    if (isLong) {
      const again = 'so that what else ends processes (memory short for a while) has time to pass'
      log.info({ ms: pauseMs }, `the record is decoded again in ${pauseMs / 1000} s (CRASH_PAUSE_MAX_MS), ${again}`)
      this.#waiting++
    }
    try {
      await clock.sleep(pauseMs, AbortSignal.any([signal, stopping]))
    } finally {
      if (isLong) this.#waiting--
    }
    signal.throwIfAborted()
    if (stopping.aborted)
      throw new SiltError('unavailable', 'encoder/pause-cut', 'the writer stops before the record was judged')
  }
}

const shares = Object.freeze([1 / 120, 1 / 6, 1])

/** With 30 s at most: 0.25 s after the first death of all, 5 s after the first apart, then 30 s. */
function crashPauseMs(crashes: number, maxMs: number): number {
  return Math.round(maxMs * (shares[Math.min(crashes, shares.length - 1)] ?? 1))
}
