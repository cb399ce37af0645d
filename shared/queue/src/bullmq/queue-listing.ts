import type { Clock } from '@silt/core'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { limitedReport } from './error-report.ts'
import { keyPrefix } from './job-key.ts'
import { RedisClients } from './redis-clients.ts'
import { redisError } from './redis-error.ts'
import type { RedisIdentity } from './rotating-redis.ts'

export interface QueueListingOptions {
  /** REDIS_URL, `redis://` or `rediss://`; never logged. */
  readonly redisUrl: string
  /** Who we are, asked at each connection. */
  readonly identity: () => RedisIdentity
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

const scanCount = 1_000
const scansMax = 10_000

/** What queues there are, and each as BullMQ's own, for a page that shows them. It writes nothing by itself. */
export class QueueListing {
  readonly #clients: RedisClients
  readonly #client: Redis
  readonly #onError: (error: unknown) => void
  readonly #open = new Map<string, Queue>()

  constructor({ redisUrl, identity, clock, onError }: QueueListingOptions) {
    this.#onError = limitedReport(clock, onError)
    this.#clients = new RedisClients(redisUrl, identity, clock, this.#onError)
    this.#client = this.#clients.forCalls()
  }

  /** Names of all queues of Silt in this Redis database, in order. Errors: `queue/unavailable`, `queue/denied`. */
  async names(): Promise<readonly string[]> {
    const action = 'list the queues'
    const found = new Set<string>()
    const suffix = ':meta'
    try {
      await this.#clients.ready(this.#client, action)
      let cursor = '0'
      for (let scans = 0; scans < scansMax; scans++) {
        const [next, keys] = await this.#client.scan(cursor, 'MATCH', `${keyPrefix}:*${suffix}`, 'COUNT', scanCount)
        for (const key of keys) found.add(key.slice(keyPrefix.length + 1, -suffix.length))
        cursor = next
        if (cursor === '0') break
      }
    } catch (error) {
      throw redisError(error, action)
    }
    return [...found].sort()
  }

  /** The queue of this name, opened once. */
  queue(name: string): Queue {
    const known = this.#open.get(name)
    if (known !== undefined) return known
    const queue = new Queue(name, {
      connection: this.#client,
      prefix: keyPrefix,
      skipVersionCheck: true,
      // Who only looks may have no right to write.
      skipMetasUpdate: true,
    })
    queue.on('error', (error) => this.#onError(redisError(error, 'use the queue')))
    this.#open.set(name, queue)
    return queue
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open.values()].map((queue) => queue.close()))
    this.#clients.dropAll()
  }
}
