import type { BackoffPolicy, Clock, Random } from '@silt/core'
import { backoffMs, momentOf, msSince } from '@silt/core'

export interface Retry {
  readonly operation: 'get' | 'head' | 'put' | 'putIfAbsent' | 'list' | 'remove'
  readonly key: string
  /** The try that failed, from 1. */
  readonly attempt: number
  readonly waitMs: number
  readonly error: unknown
}

export interface RetryOptions {
  readonly clock: Clock
  readonly random: Random
  readonly policy?: BackoffPolicy
  /** No further try begins later than this after the first. */
  readonly budgetMs?: number
  readonly onRetry?: (retry: Retry) => void
}

/** The tries of one call: `again` waits, and says whether there is another. */
export interface RetryCourse {
  again(error: unknown): Promise<boolean>
}

export interface CourseOf {
  readonly operation: Retry['operation']
  readonly key: string
  /** Ends waits at once; there is no further try then. */
  readonly signal: AbortSignal
  /** The store's own clock, where a try must not come late by it either. */
  readonly timing?: { newestAnswerMs(): number | undefined } | undefined
}

const defaultRetryPolicy: BackoffPolicy = Object.freeze({ firstMs: 100, maxMs: 5_000, attemptsMax: 8 })
const defaultBudgetMs = 60_000

/** Begins with the first try: a number of tries with jitter between them, within a budget of time. */
export function beginCourse(options: RetryOptions, { operation, key, signal, timing }: CourseOf): RetryCourse {
  const { clock, random, onRetry, policy = defaultRetryPolicy, budgetMs = defaultBudgetMs } = options
  const began = momentOf(clock, timing)
  let attempt = 0
  return {
    again: async (error) => {
      attempt++
      if (attempt >= policy.attemptsMax || signal.aborted) return false
      const waitMs = backoffMs(policy, attempt, random)
      if (msSince(began, clock, timing) + waitMs > budgetMs) return false
      onRetry?.({ operation, key, attempt, waitMs, error })
      await clock.sleep(waitMs, signal)
      // A process that stood still, or slept with its machine, sends nothing it was about to send before.
      const isLate = msSince(began, clock, timing) > budgetMs
      return !isLate && !signal.aborted
    },
  }
}
