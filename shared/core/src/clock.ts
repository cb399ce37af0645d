import { setTimeout as delay } from 'node:timers/promises'

/** Time, handed in. Wall time is for records and humans; deadlines are measured with `monotonicMs`. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  nowMs(): number
  /** Milliseconds since an arbitrary origin; never goes back. */
  monotonicMs(): number
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
}

export const systemClock: Clock = Object.freeze({
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  sleep: async (ms: number, signal?: AbortSignal) => {
    if (signal?.aborted) return
    await delay(Math.max(0, ms), undefined, signal ? { signal } : {}).catch(() => undefined)
  },
})
