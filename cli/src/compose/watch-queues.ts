import { asSiltError, type Clock, type Log, type SiltError } from '@silt/core'
import type { Health } from '@silt/telemetry'

/** What readiness calls the queues between processes. */
export const queueHealth = 'queue'

const checkMs = 5000

/**
 * Asks the queue server every 5 s whether it is there and set up as queues need it, until `signal` aborts: a process that cannot reach it is not
 * ready. A server that may evict single keys is warned of once; it can stall a queue without any error.
 */
export async function watchQueues(
  check: () => Promise<SiltError | undefined>,
  deps: {
    readonly health: Health
    readonly log: Log
    readonly clock: Clock
    /** Told each time it answers. */
    readonly onAnswer: () => Promise<void>
  },
  signal: AbortSignal,
): Promise<void> {
  let warned = false
  while (!signal.aborted) {
    try {
      const fault = await check()
      if (fault !== undefined && !warned) deps.log.warn({ error: fault }, fault.message)
      warned ||= fault !== undefined
      deps.health.ready(queueHealth)
      await deps.onAnswer()
    } catch (error) {
      deps.health.waiting(queueHealth, asSiltError(error).message)
    }
    await deps.clock.sleep(checkMs, signal)
  }
}
