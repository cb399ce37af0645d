import type { Clock, Lease } from '@silt/core'

/** A lease among actors of this process. */
export class MemoryLease implements Lease {
  readonly #clock: Clock
  #held: { readonly holder: string; readonly untilMs: number } | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  hold(holder: string, ttlMs: number): Promise<boolean> {
    const nowMs = this.#clock.monotonicMs()
    const free = this.#held === undefined || this.#held.untilMs <= nowMs
    if (!free && this.#held?.holder !== holder) return Promise.resolve(false)
    this.#held = { holder, untilMs: nowMs + ttlMs }
    return Promise.resolve(true)
  }

  release(holder: string): Promise<void> {
    if (this.#held?.holder === holder) this.#held = undefined
    return Promise.resolve()
  }

  /** Nobody holds it, as after a Redis that restarts empty. */
  forget(): void {
    this.#held = undefined
  }
}
