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
      const sleeping = new AbortController()
      const stop = (): void => sleeping.abort('stopping')
      this.#sleeping = sleeping
      if (signal.aborted) stop()
      signal.addEventListener('abort', stop)
      await clock.sleep(ms, sleeping.signal)
      signal.removeEventListener('abort', stop)
      this.#sleeping = undefined
    }
    this.#isSet = false
  }
}
