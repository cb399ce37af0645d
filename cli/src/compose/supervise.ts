import {
  asSiltError,
  backoffMs,
  shouldRetry,
  type BackoffPolicy,
  type Clock,
  type Log,
  type Random,
  type SiltError,
} from '@silt/core'
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
/** What was permitted before and is denied now may be permitted again: keys are rotated, a store restarts. Not for ever: new ones may need a new process. */
const denialToleratedMs = 300_000

/**
 * Runs an actor again, after a back-off, whenever what it needs is away, or denied for a while to one that ran well; every other error ends it and is thrown.
 * Everything an actor knows is read anew from the log, so starting over is always safe.
 */
export async function supervise(
  actor: string,
  run: (signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
  deps: SuperviseDeps,
): Promise<void> {
  let deniedSinceMs: number | undefined
  let wasDenied = false
  for (let attempt = 1; ; attempt++) {
    const startedMs = deps.clock.monotonicMs()
    try {
      await run(signal)
      return
    } catch (thrown) {
      const error = asSiltError(thrown)
      if (signal.aborted && shouldRetry(error)) return
      const nowMs = deps.clock.monotonicMs()
      const ranMs = nowMs - startedMs
      const ranWell = ranMs > steadyMs
      // A refusal may take its time as well: after one, a long attempt proves nothing.
      if (ranWell && (!wasDenied || ranMs > denialToleratedMs)) deniedSinceMs = nowMs
      wasDenied = isDenial(error)
      const isPassing = isDenial(error) && deniedSinceMs !== undefined && nowMs - deniedSinceMs <= denialToleratedMs
      if (!shouldRetry(error) && error.kind !== 'ambiguous' && !isPassing) {
        deps.health.failed(actor, error.message)
        throw error
      }
      deps.health.waiting(actor, error.message)
      deps.log.warn({ actor, error }, 'starting over')
      if (ranWell) attempt = 1
      await deps.clock.sleep(backoffMs(restartBackoff, attempt, deps.random), signal)
      if (signal.aborted) return
    }
  }
}

/** `store/denied`, `queue/denied`, `source/denied`. */
function isDenial(error: SiltError): boolean {
  return error.code.endsWith('/denied')
}
