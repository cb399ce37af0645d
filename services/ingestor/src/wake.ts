import type { Clock } from '@silt/core'

/** Lets one waiter sleep until a time or until something happened; what happened before the wait ends it at once. */
export class Wake {
  #isSet = false
  #sleeping: AbortController | undefined

  now(): void {
    this.#isSet = true
    // With a reason of its own: without one an error is made, stack and all, that nobody throws.
    this.#sleeping?.abort('woken')
  }

  async wait(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
    if (!this.#isSet) {
      this.#sleeping = new AbortController()
      await clock.sleep(ms, AbortSignal.any([signal, this.#sleeping.signal]))
      this.#sleeping = undefined
    }
    this.#isSet = false
  }
}
