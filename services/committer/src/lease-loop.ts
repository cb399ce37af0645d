import type { Clock, Lease, Log } from '@silt/core'
import { asSiltError } from '@silt/core'

export interface LeaseLoopDeps {
  readonly lease: Lease
  readonly clock: Clock
  readonly log: Log
}

/**
 * Acts while the lease is held: runs `term` each time it is won, with a signal that aborts as soon as the lease may be someone else's. The lease
 * is renewed at a third of `leaseMs`; a renewal that does not come through counts as a loss once `leaseMs` have passed since the last good one began.
 * Liveness only: a term that overlaps another's is slow, never wrong (I7). Returns when `signal` aborts and the term has ended; throws what `term` throws.
 */
export async function runLeaseLoop(
  deps: LeaseLoopDeps,
  options: { readonly holder: string; readonly leaseMs: number },
  signal: AbortSignal,
  term: (lost: AbortSignal) => Promise<void>,
): Promise<void> {
  const stepMs = Math.max(1, Math.floor(options.leaseMs / 3))
  while (!signal.aborted) {
    if ((await holdLease(deps, options)) === 'held') await runTerm(deps, options, stepMs, term)
    await deps.clock.sleep(stepMs, signal)
  }
}

async function runTerm(
  deps: LeaseLoopDeps,
  options: { readonly holder: string; readonly leaseMs: number },
  stepMs: number,
  term: (lost: AbortSignal) => Promise<void>,
): Promise<void> {
  const lost = new AbortController()
  const ended = new AbortController()
  deps.log.info({}, 'holds the lease, committing')
  const renewal = renew(deps, options, stepMs, ended.signal).then((reason) => {
    if (reason === 'lost')
      deps.log.warn({ code: 'committer/lease-lost', kind: 'fenced' }, 'lost the lease, standing by')
    lost.abort()
  })
  try {
    await term(lost.signal)
  } finally {
    ended.abort()
    await renewal
    await deps.lease.release(options.holder).catch(() => undefined)
  }
}

/** Ends with `lost` when the lease is or may be someone else's, with `ended` when the term is over. */
async function renew(
  deps: LeaseLoopDeps,
  options: { readonly holder: string; readonly leaseMs: number },
  stepMs: number,
  ended: AbortSignal,
): Promise<'lost' | 'ended'> {
  let heldSinceMs = deps.clock.monotonicMs()
  for (;;) {
    await deps.clock.sleep(stepMs, ended)
    if (ended.aborted) return 'ended'
    const beganMs = deps.clock.monotonicMs()
    const outcome = await within(deps.clock, heldSinceMs + options.leaseMs - beganMs, holdLease(deps, options))
    if (outcome === 'held') heldSinceMs = beganMs
    else if (outcome === 'refused' || deps.clock.monotonicMs() - heldSinceMs >= options.leaseMs) return 'lost'
  }
}

async function holdLease(
  { lease, log }: LeaseLoopDeps,
  options: { readonly holder: string; readonly leaseMs: number },
): Promise<'held' | 'refused' | 'away'> {
  try {
    return (await lease.hold(options.holder, options.leaseMs)) ? 'held' : 'refused'
  } catch (cause) {
    const error = asSiltError(cause)
    log.warn({ code: error.code, kind: error.kind, error }, 'cannot reach the lease')
    return 'away'
  }
}

/** An answer that comes later than `ms` is as good as none. */
async function within(
  clock: Clock,
  ms: number,
  answer: Promise<'held' | 'refused' | 'away'>,
): Promise<'held' | 'refused' | 'away'> {
  const timer = new AbortController()
  const late = clock.sleep(Math.max(0, ms), timer.signal).then(() => 'away' as const)
  try {
    return await Promise.race([answer, late])
  } finally {
    // A reason, for nobody throws the error that would be made without one.
    timer.abort('answered')
  }
}
