import { SiltError, type Clock, type Lease } from '@silt/core'
import type { Redis } from 'ioredis'
import { keyPrefix } from './job-key.ts'
import type { RedisClients } from './redis-clients.ts'
import { redisError } from './redis-error.ts'

/** One script, so that looking and taking cannot be parted: free or ours, it is ours for ttl ms more. */
const holdScript = `
local holder = redis.call('GET', KEYS[1])
if holder and holder ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])
return 1`

const releaseScript = `
if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
return 0`

/** A lease as a key that expires. An answer later than the lease would last counts as `queue/unavailable`. */
export class RedisLease implements Lease {
  readonly #key: string
  readonly #client: Redis
  readonly #clients: RedisClients
  readonly #clock: Clock

  constructor(name: string, client: Redis, clients: RedisClients, clock: Clock) {
    this.#key = `${keyPrefix}:lease:${name}`
    this.#client = client
    this.#clients = clients
    this.#clock = clock
  }

  async hold(holder: string, ttlMs: number): Promise<boolean> {
    const answer = await this.#within(ttlMs, () =>
      this.#client.eval(holdScript, 1, this.#key, holder, Math.ceil(ttlMs)),
    )
    return answer === 1
  }

  async release(holder: string): Promise<void> {
    await this.#within(releaseMsMax, () => this.#client.eval(releaseScript, 1, this.#key, holder))
  }

  async #within(limitMs: number, call: () => Promise<unknown>): Promise<unknown> {
    const answered = new AbortController()
    const run = async (): Promise<unknown> => {
      await this.#clients.ready(this.#client, 'hold the lease')
      return call()
    }
    try {
      return await Promise.race([run(), this.#tooLate(limitMs, answered.signal)])
    } catch (error) {
      throw redisError(error, 'hold the lease')
    } finally {
      answered.abort()
    }
  }

  async #tooLate(limitMs: number, answered: AbortSignal): Promise<never> {
    await this.#clock.sleep(limitMs, answered)
    throw new SiltError('unavailable', 'queue/unavailable', `REDIS_URL: no answer about the lease within ${limitMs} ms`)
  }
}

const releaseMsMax = 5_000
