import { backoffMs, shouldRetry, isSiltError } from '@silt/core'
import type { BackoffPolicy, Clock, Random } from '@silt/core'

const BACKOFF: BackoffPolicy = { firstMs: 50, maxMs: 1000, attemptsMax: Infinity }

/**
 * How long a call may go on trying while Kafka is away. Counted from the last progress, so a long read over a flaky
 * network ends only when nothing moves for `budgetMs`.
 */
export class RetryBudget {
  readonly #budgetMs: number
  readonly #clock: Clock
  readonly #random: Random
  readonly #signal: AbortSignal | undefined
  #deadlineMs: number
  #attempt = 0

  constructor(budgetMs: number, clock: Clock, random: Random, signal?: AbortSignal) {
    this.#budgetMs = budgetMs
    this.#clock = clock
    this.#random = random
    this.#signal = signal
    this.#deadlineMs = clock.monotonicMs() + budgetMs
  }

  progressed(): void {
    this.#attempt = 0
    this.#deadlineMs = this.#clock.monotonicMs() + this.#budgetMs
  }

  /** Waits before the next try, or throws `error` when trying again cannot help or the budget is spent. */
  async spend(error: unknown): Promise<void> {
    // A missing topic is for the caller to wait for: it may stay missing for ever.
    if (!shouldRetry(error) || isSiltError(error, 'source/topic-missing')) throw error
    const waitMs = backoffMs(BACKOFF, ++this.#attempt, this.#random)
    if (this.#signal?.aborted || this.#clock.monotonicMs() + waitMs > this.#deadlineMs) throw error
    await this.#clock.sleep(waitMs, this.#signal)
  }
}
