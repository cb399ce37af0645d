import type { Clock, Log, ObjectStore, ParquetReader, SiltError } from '@silt/core'
import { loadState } from '@silt/delta'
import type { Health } from '@silt/telemetry'

/** What is waited for is said again this often: whoever waits for the end of a run should not have to guess. */
const remindMs = 30_000
const lookMs = 5000

export interface IdleWatchDeps {
  readonly clock: Clock
  readonly log: Log
  readonly health: Health
  readonly store: ObjectStore
  readonly reader: ParquetReader
  /** The committer runs elsewhere: it is not there to say that the table is parked. */
  readonly committerElsewhere: boolean
}

/**
 * Watches over a run until idle, until `signal` aborts: says again what it waits for, and answers the error of a table that only an operator can release, as
 * what is to be waited for would never come.
 */
export async function watchUntilIdle(deps: IdleWatchDeps, signal: AbortSignal): Promise<SiltError | undefined> {
  const { clock, log, health } = deps
  let toldMs = clock.monotonicMs()
  for (;;) {
    await clock.sleep(lookMs, signal)
    if (signal.aborted) return undefined
    const parked = deps.committerElsewhere ? await parkedNow(deps) : undefined
    if (parked !== undefined) return parked
    const waiting = Object.entries(health.report().waiting)
    if (waiting.length === 0) toldMs = clock.monotonicMs()
    if (clock.monotonicMs() - toldMs < remindMs) continue
    toldMs = clock.monotonicMs()
    for (const [actor, why] of waiting) log.warn({ actor }, `--until-idle still waits: ${why}`)
  }
}

/** Undefined also while the store is away: the actors tell of that. */
async function parkedNow({ store, reader }: IdleWatchDeps): Promise<SiltError | undefined> {
  try {
    const { parkedError, parkingAt } = await import('@silt/committer')
    const state = await loadState(store, reader)
    const parked = state && (await parkingAt(store, state))
    return parked && parkedError(parked)
  } catch {
    return undefined
  }
}
