import type { Clock, Source } from '@silt/core'
import { OpenTransactions, type HeldBack } from './open-transactions.ts'
import type { PlanState } from './plan-state.ts'

/** Asks the source for high watermarks now and then, beside the loop: the answer is shown, never acted on. */
export class TransactionWatch {
  readonly #source: Source
  readonly #topic: string
  readonly #pollMs: number
  readonly #transactions = new OpenTransactions()
  #isAsking = false
  #askedMs = -Infinity

  constructor(source: Source, options: { readonly topic: string; readonly topicPollMs: number }) {
    this.#source = source
    this.#topic = options.topic
    this.#pollMs = options.topicPollMs
  }

  /** Starts asking where it is due, and returns at once. */
  look(state: PlanState, clock: Pick<Clock, 'nowMs'>): void {
    const nowMs = clock.nowMs()
    const ends = new Map<number, number>()
    for (const plan of state.partitions.values())
      if (plan.ends !== undefined) ends.set(plan.partition, plan.ends.readableEnd)
    if (this.#source.highWatermarks === undefined || ends.size === 0) return
    if (this.#isAsking || nowMs - this.#askedMs < this.#pollMs) return
    this.#askedMs = nowMs
    this.#isAsking = true
    void this.#source
      .highWatermarks(this.#topic, [...ends.keys()])
      .then((found) => this.#transactions.look(found, ends, clock.nowMs()))
      // The source being away is told by who needs it.
      .catch(() => undefined)
      .finally(() => {
        this.#isAsking = false
      })
  }

  of(partition: number, readableEnd: number, nowMs: number): HeldBack {
    return this.#transactions.of(partition, readableEnd, nowMs)
  }
}
