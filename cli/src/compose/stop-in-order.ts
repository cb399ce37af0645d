import type { Clock, Log } from '@silt/core'
import { shutdownOrder, type ActorName } from './process-parts.ts'

export interface RunningActor {
  readonly stop: AbortController
  /** Never rejects. */
  readonly run: Promise<unknown>
}

/** After the deadline, what was let go may take this long to notice. */
const letGoMs = 500

/**
 * Stops actors one after another, so that finished work still lands, within `deadlineMs` for all of them. Past it all are stopped at once,
 * `letGo` is called to end what hangs (a store that does not answer), and what is still running is left: dying there is safe.
 */
export async function stopInOrder(
  actors: ReadonlyMap<ActorName, RunningActor>,
  deadlineMs: number,
  letGo: () => Promise<void>,
  { clock, log }: { readonly clock: Clock; readonly log: Log },
): Promise<void> {
  const stopped = stopEach(actors).then(() => true)
  if (await within(clock, deadlineMs, stopped)) return
  log.warn({ ms: deadlineMs }, 'SHUTDOWN_DEADLINE_MS has passed, what is under way is left')
  for (const { stop } of actors.values()) stop.abort()
  await letGo()
  await within(clock, letGoMs, stopped)
}

/** True where `done` came true in time. */
async function within(clock: Clock, ms: number, done: Promise<boolean>): Promise<boolean> {
  const timer = new AbortController()
  try {
    return await Promise.race([done, clock.sleep(ms, timer.signal).then(() => false)])
  } finally {
    timer.abort()
  }
}

async function stopEach(actors: ReadonlyMap<ActorName, RunningActor>): Promise<void> {
  for (const actor of shutdownOrder) {
    const running = actors.get(actor)
    running?.stop.abort()
    await running?.run
  }
}
