import type { Clock, JobQueue, Lease, QueueProvider } from '@silt/core'
import { requireQueueName } from '../queue-name.ts'
import { MemoryLease } from './memory-lease.ts'
import { MemoryQueue } from './memory-queue.ts'

export interface MemoryQueueProviderOptions {
  readonly clock: Clock
  /** Jobs one queue holds before `add` fails with `queue/full` (default 100,000). */
  readonly queueJobsMax?: number
}

/**
 * Queues and leases for actors in one process; opening a name again gives the same queue.
 * Deterministic: with a clock moved by hand the same calls give the same deliveries.
 */
export class MemoryQueueProvider implements QueueProvider {
  readonly #clock: Clock
  readonly #queueJobsMax: number
  readonly #queues = new Map<string, MemoryQueue>()
  readonly #leases = new Map<string, MemoryLease>()

  constructor(options: MemoryQueueProviderOptions) {
    this.#clock = options.clock
    this.#queueJobsMax = options.queueJobsMax ?? 100_000
  }

  open(name: string): JobQueue {
    return this.#queue(name)
  }

  lease(name: string): Lease {
    requireQueueName(name)
    const known = this.#leases.get(name) ?? new MemoryLease(this.#clock)
    this.#leases.set(name, known)
    return known
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()))
  }

  /** For tests: what FLUSHALL does. Jobs and leases are gone, running handlers go on. */
  flush(): void {
    for (const queue of this.#queues.values()) queue.forgetAll()
    for (const lease of this.#leases.values()) lease.forget()
  }

  /** For tests: running jobs are delivered a second time, as when their locks are lost. */
  deliverRunningAgain(): void {
    for (const queue of this.#queues.values()) queue.deliverRunningAgain()
  }

  #queue(name: string): MemoryQueue {
    requireQueueName(name)
    const known = this.#queues.get(name) ?? new MemoryQueue(name, this.#clock, this.#queueJobsMax)
    this.#queues.set(name, known)
    return known
  }
}
