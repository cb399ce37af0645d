import { SiltError, type Clock, type JobQueue, type Lease, type QueueProvider } from '@silt/core'
import type { Redis } from 'ioredis'
import { requireQueueName } from '../queue-name.ts'
import { BullmqQueue } from './bullmq-queue.ts'
import { limitedReport } from './error-report.ts'
import { RedisClients } from './redis-clients.ts'
import { redisError } from './redis-error.ts'
import { RedisLease } from './redis-lease.ts'
import type { RedisIdentity } from './rotating-redis.ts'

export interface BullmqQueueProviderOptions {
  /** REDIS_URL, `redis://` or `rediss://`; never logged. */
  readonly redisUrl: string
  /** Asked at every connection; goes before what the URL says. Left out: the URL, and the authorities Node trusts. */
  readonly identity?: () => RedisIdentity
  readonly clock: Clock
  /** Told of lost connections, each kind at most once in 5 s; everything here recovers by itself. */
  readonly onError: (error: unknown) => void
}

/**
 * Queues and leases in Redis, by BullMQ. Connects in the background: nothing fails before the first call.
 * Redis may be away, restart or be emptied at any time; consumers and listeners go on when it is back.
 */
export class BullmqQueueProvider implements QueueProvider {
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  readonly #clients: RedisClients
  readonly #client: Redis
  readonly #queues = new Map<string, BullmqQueue>()

  constructor(options: BullmqQueueProviderOptions) {
    this.#clock = options.clock
    this.#onError = limitedReport(options.clock, options.onError)
    this.#clients = new RedisClients(options.redisUrl, options.identity ?? (() => ({})), options.clock, this.#onError)
    this.#client = this.#clients.forCalls()
  }

  open(name: string): JobQueue {
    requireQueueName(name)
    const options = { name, client: this.#client, clients: this.#clients, clock: this.#clock, onError: this.#onError }
    const queue = this.#queues.get(name) ?? new BullmqQueue(options)
    this.#queues.set(name, queue)
    return queue
  }

  lease(name: string): Lease {
    requireQueueName(name)
    return new RedisLease(name, this.#client, this.#clients, this.#clock)
  }

  /**
   * Reaches Redis and looks at its settings: a fault worth a warning, or undefined.
   * `queue/eviction`: under any policy but `noeviction` Redis may drop single keys of a queue, which stalls it.
   */
  async check(): Promise<SiltError | undefined> {
    const policy = await this.#evictionPolicy()
    if (policy === undefined || policy === 'noeviction') return undefined
    return new SiltError(
      'invalid',
      'queue/eviction',
      `REDIS_URL: this Redis has maxmemory-policy ${policy}; set maxmemory-policy noeviction, or it may evict queue keys`,
      { context: { policy } },
    )
  }

  async close(): Promise<void> {
    await Promise.all([...this.#queues.values()].map((queue) => queue.close()))
    this.#clients.dropAll()
  }

  async #evictionPolicy(): Promise<string | undefined> {
    try {
      await this.#clients.ready(this.#client, 'check the server')
      const info = await this.#client.info('memory')
      return /^maxmemory_policy:(\S+)/m.exec(info)?.[1]
    } catch (error) {
      throw redisError(error, 'check the server')
    }
  }
}
