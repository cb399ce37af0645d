import type { Clock, Consumption, Json, QueuedJob } from '@silt/core'
import type { MemoryJob } from './memory-job.ts'

/** What a consumer tells its queue. */
export interface MemoryConsumerQueue {
  take(): MemoryJob | undefined
  finished(job: MemoryJob, result: Json): void
  failed(job: MemoryJob): void
  letGo(job: MemoryJob): void
  ended(): void
}

export interface MemoryConsumerOptions {
  readonly handler: (job: QueuedJob, signal: AbortSignal) => Promise<Json>
  readonly concurrency: number
  readonly onError: (error: unknown) => void
  readonly clock: Clock
}

/** Runs handlers for one consumer, at most `concurrency` at once. */
export class MemoryConsumer implements Consumption {
  readonly #queue: MemoryConsumerQueue
  readonly #options: MemoryConsumerOptions
  readonly #held = new Map<MemoryJob, Promise<void>>()
  readonly #abort = new AbortController()
  #stopped: Promise<void> | undefined

  constructor(queue: MemoryConsumerQueue, options: MemoryConsumerOptions) {
    this.#queue = queue
    this.#options = options
  }

  /** Takes jobs while there are any and a place is free. */
  fill(): void {
    while (this.#stopped === undefined && this.#held.size < this.#options.concurrency) {
      const job = this.#queue.take()
      if (job === undefined) return
      this.#held.set(job, this.#run(job))
    }
  }

  stop(deadlineMs: number): Promise<void> {
    this.#stopped ??= this.#stop(deadlineMs)
    return this.#stopped
  }

  async #run(job: MemoryJob): Promise<void> {
    const { handler, onError } = this.#options
    // The handler starts in a turn of its own, so `add` never runs it.
    await Promise.resolve()
    try {
      const queued = { id: job.id, data: JSON.parse(job.text) as Json, stalls: job.stalls }
      const result = await handler(queued, this.#abort.signal)
      this.#held.delete(job)
      this.#queue.finished(job, result)
    } catch (error) {
      this.#held.delete(job)
      this.#queue.failed(job)
      onError(error)
    }
    this.fill()
  }

  async #stop(deadlineMs: number): Promise<void> {
    const deadline = new AbortController()
    const finished = Promise.all(this.#held.values())
    await Promise.race([finished, this.#options.clock.sleep(deadlineMs, deadline.signal)])
    deadline.abort()
    this.#queue.ended()
    this.#abort.abort()
    for (const job of [...this.#held.keys()]) this.#queue.letGo(job)
  }
}
