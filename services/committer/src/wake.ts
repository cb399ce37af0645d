import type { Clock } from '@silt/core'

/** Lets one loop sleep until something happens: a wake-up while it is awake is not lost, it ends the next sleep at once. */
export class Wake {
  readonly #clock: Clock
  #pending = false
  #sleeping: AbortController | undefined

  constructor(clock: Clock) {
    this.#clock = clock
  }

  wake(): void {
    this.#pending = true
    // With a reason of its own: without one an error is made, stack and all, that nobody throws.
    this.#sleeping?.abort('woken')
  }

  /** Returns when woken, when `ms` have passed or when one of `signals` is aborted. */
  async sleep(ms: number, signals: readonly AbortSignal[]): Promise<void> {
    if (!this.#pending && signals.every((signal) => !signal.aborted)) {
      const sleeping = new AbortController()
      this.#sleeping = sleeping
      const stop = (): void => sleeping.abort('stopping')
      for (const signal of signals) signal.addEventListener('abort', stop)
      await this.#clock.sleep(ms, sleeping.signal)
      for (const signal of signals) signal.removeEventListener('abort', stop)
      this.#sleeping = undefined
    }
    this.#pending = false
  }
}
