import {
  SiltError,
  type Clock,
  type Consumption,
  type Json,
  type JobQueue,
  type QueueDepth,
  type QueuedJob,
} from '@silt/core'
import { retryDelayMs } from '../retry-delay.ts'
import { MemoryConsumer } from './memory-consumer.ts'
import type { MemoryJob } from './memory-job.ts'

/**
 * A queue in this process: first in, first out, redelivered on failure after a bounded back-off.
 *
 * 1. An id is in at most one of `waiting`, `delayed`, `running`, unless a test forces a second delivery.
 * 2. Consumers are offered jobs in the order they began to consume, so the same calls give the same run.
 */
export class MemoryQueue implements JobQueue {
  readonly name: string
  readonly #clock: Clock
  readonly #jobsMax: number
  readonly #waiting = new Map<string, MemoryJob>()
  readonly #delayed = new Map<string, MemoryJob>()
  readonly #running = new Map<string, MemoryJob>()
  readonly #listeners = new Set<(id: string, result: Json) => void>()
  readonly #consumers = new Set<MemoryConsumer>()
  readonly #closed = new AbortController()

  constructor(name: string, clock: Clock, jobsMax: number) {
    this.name = name
    this.#clock = clock
    this.#jobsMax = jobsMax
  }

  add(job: QueuedJob): Promise<void> {
    const { id } = job
    if (this.#waiting.has(id) || this.#delayed.has(id) || this.#running.has(id)) return Promise.resolve()
    if (this.#waiting.size + this.#delayed.size >= this.#jobsMax)
      return Promise.reject(
        new SiltError('unavailable', 'queue/full', `queue ${this.name} holds ${this.#jobsMax} jobs, its bound`),
      )
    this.#waiting.set(id, { id, text: JSON.stringify(job.data), failures: 0, stalls: 0 })
    this.#offer()
    return Promise.resolve()
  }

  consume(
    handler: (job: QueuedJob, signal: AbortSignal) => Promise<Json>,
    options: { readonly concurrency: number; readonly onError: (error: unknown) => void },
  ): Consumption {
    const consumer = new MemoryConsumer(
      {
        take: () => this.#take(),
        finished: (job, result) => this.#finished(job, result),
        failed: (job) => this.#failed(job),
        letGo: (job) => this.#letGo(job),
        ended: () => this.#consumers.delete(consumer),
      },
      { handler, clock: this.#clock, ...options },
    )
    this.#consumers.add(consumer)
    this.#offer()
    return consumer
  }

  onResult(listener: (id: string, result: Json) => void): () => void {
    const own = (id: string, result: Json): void => listener(id, result)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  depth(): Promise<QueueDepth> {
    const delayed = this.#delayed.size
    return Promise.resolve({ waiting: this.#waiting.size + delayed, delayed, active: this.#running.size })
  }

  async close(): Promise<void> {
    this.#closed.abort()
    this.#listeners.clear()
    await Promise.all([...this.#consumers].map((consumer) => consumer.stop(0)))
  }

  /** Forgets every job, as a Redis that restarts empty does; running handlers go on, their results are lost. */
  forgetAll(): void {
    this.#waiting.clear()
    this.#delayed.clear()
    this.#running.clear()
  }

  /** Delivers the running jobs a second time, as a lost lock does. */
  deliverRunningAgain(): void {
    for (const job of this.#running.values()) this.#waiting.set(job.id, { ...job, stalls: job.stalls + 1 })
    this.#running.clear()
    this.#offer()
  }

  #offer(): void {
    for (const consumer of this.#consumers) consumer.fill()
  }

  #take(): MemoryJob | undefined {
    const next = this.#waiting.values().next().value
    if (next === undefined || this.#closed.signal.aborted) return undefined
    this.#waiting.delete(next.id)
    this.#running.set(next.id, next)
    return next
  }

  /** True if `job` is still the delivery that counts: not forgotten, not delivered again. */
  #settle(job: MemoryJob): boolean {
    if (this.#running.get(job.id) !== job) return false
    return this.#running.delete(job.id)
  }

  #finished(job: MemoryJob, result: Json): void {
    if (!this.#settle(job)) return
    const text = JSON.stringify(result)
    for (const listener of [...this.#listeners]) listener(job.id, JSON.parse(text) as Json)
    this.#offer()
  }

  #failed(job: MemoryJob): void {
    if (!this.#settle(job)) return
    job.failures += 1
    this.#delayed.set(job.id, job)
    void this.#clock.sleep(retryDelayMs(job.failures), this.#closed.signal).then(() => {
      if (this.#delayed.get(job.id) !== job) return
      this.#delayed.delete(job.id)
      this.#waiting.set(job.id, job)
      this.#offer()
    })
  }

  #letGo(job: MemoryJob): void {
    if (!this.#settle(job)) return
    this.#waiting.set(job.id, { ...job })
    this.#offer()
  }
}
