import { asSiltError, backoffMs, shouldRetry, type BackoffPolicy, type Clock, type Log, type Random } from '@silt/core'
import type { Health } from '@silt/telemetry'

export interface SuperviseDeps {
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly health: Health
}

const restartBackoff: BackoffPolicy = { firstMs: 250, maxMs: 5000, attemptsMax: Number.POSITIVE_INFINITY }
/** An actor that ran this long before it fell over begins its back-off anew. */
const steadyMs = 30_000

/**
 * Runs an actor again, after a back-off, whenever what it needs is away; every other error ends it and is thrown.
 * Everything an actor knows is read anew from the log, so starting over is always safe.
 */
export async function supervise(
  actor: string,
  run: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  deps: SuperviseDeps,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    const startedMs = deps.clock.monotonicMs()
    try {
      await run(signal)
      return
    } catch (thrown) {
      const error = asSiltError(thrown)
      if (signal.aborted && shouldRetry(error)) return
      if (!shouldRetry(error) && error.kind !== 'ambiguous') {
        deps.health.failed(actor, error.message)
        throw error
      }
      deps.health.waiting(actor, error.message)
      deps.log.warn({ actor, error }, 'starting over')
      if (deps.clock.monotonicMs() - startedMs > steadyMs) attempt = 1
      await deps.clock.sleep(backoffMs(restartBackoff, attempt, deps.random), signal)
      if (signal.aborted) return
    }
  }
}
