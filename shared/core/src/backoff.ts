import type { Random } from './random.ts'

export interface BackoffPolicy {
  readonly firstMs: number
  readonly maxMs: number
  /** Tries in all, the first included. */
  readonly attemptsMax: number
}

/** Full-jitter exponential back-off: uniform in (0, min(maxMs, firstMs * 2^(attempt-1))]; `attempt` counts from 1. */
export function backoffMs(policy: BackoffPolicy, attempt: number, random: Random): number {
  const ceiling = Math.min(policy.maxMs, policy.firstMs * 2 ** Math.min(attempt - 1, 30))
  return Math.max(1, Math.ceil(ceiling * random.next()))
}
