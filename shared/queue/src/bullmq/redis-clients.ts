import { SiltError, type Clock } from '@silt/core'
import type { Redis } from 'ioredis'
import { redisError } from './redis-error.ts'
import { rotatingRedis, type ConnectionOptions, type RedisIdentity } from './rotating-redis.ts'

const connectTimeoutMs = 3_000
const commandTimeoutMs = 5_000
const readyTimeoutMs = 5_000
const reconnectMsFirst = 50
const reconnectMsMax = 1_000
/** Longer than any blocking command used here (5 s): only a connection that is dead is silent for so long. */
const silenceMsMax = 10_000

interface ConnectionBounds {
  /** Null: a command is sent again after a reconnection, without end. */
  readonly maxRetriesPerRequest: number | null
  readonly commandTimeout?: number
  readonly enableOfflineQueue?: boolean
}

/**
 * Opens connections to one Redis and knows its URL; nothing it throws or reports contains the password.
 * Every connection comes back by itself, trying at least once a second.
 */
export class RedisClients {
  readonly #redisUrl: string
  readonly #identity: () => RedisIdentity
  readonly #clock: Clock
  readonly #onError: (error: unknown) => void
  readonly #open = new Set<Redis>()
  readonly #waits = new Map<Redis, Promise<boolean>>()
  /** Ends the wait of a client that Redis refuses: more of it would not help. */
  readonly #refused = new Map<Redis, AbortController>()
  #lastError: unknown

  constructor(redisUrl: string, identity: () => RedisIdentity, clock: Clock, onError: (error: unknown) => void) {
    requireRedisUrl(redisUrl)
    this.#redisUrl = redisUrl
    this.#identity = identity
    this.#clock = clock
    this.#onError = onError
  }

  /** For calls that must fail when Redis is away: nothing is kept for later, nothing is sent twice. */
  forCalls(): Redis {
    return this.#connect({ commandTimeout: commandTimeoutMs, enableOfflineQueue: false, maxRetriesPerRequest: 0 })
  }

  /** For loops that must outlive an outage: commands wait until Redis is back. */
  forLoops(): Redis {
    return this.#connect({ maxRetriesPerRequest: null })
  }

  /** Resolves once the connection can be used; `queue/unavailable` or `queue/denied` after at most 5 s. */
  async ready(client: Redis, action: string): Promise<void> {
    if (client.status === 'ready') return
    const waiting = this.#waits.get(client) ?? this.#waitForReady(client)
    this.#waits.set(client, waiting)
    if (await waiting) return
    throw redisError(this.#lastError ?? new Error(`no connection within ${readyTimeoutMs} ms`), action)
  }

  /** Ends a connection at once; its pending commands fail. */
  drop(client: Redis): void {
    this.#open.delete(client)
    client.disconnect()
  }

  dropAll(): void {
    for (const client of [...this.#open]) this.drop(client)
  }

  /** One wait for all who want the connection now. */
  async #waitForReady(client: Redis): Promise<boolean> {
    const waited = new AbortController()
    const refused = new AbortController()
    const ready = (): void => waited.abort()
    client.once('ready', ready)
    this.#refused.set(client, refused)
    await this.#clock.sleep(readyTimeoutMs, AbortSignal.any([waited.signal, refused.signal]))
    client.off('ready', ready)
    this.#refused.delete(client)
    this.#waits.delete(client)
    return waited.signal.aborted
  }

  #connect(options: ConnectionBounds): Redis {
    const bounds: ConnectionOptions = {
      connectTimeout: connectTimeoutMs,
      keepAlive: 5_000,
      socketTimeout: silenceMsMax,
      protocol: 2,
      retryStrategy: (tries) => Math.min(reconnectMsMax, reconnectMsFirst * 2 ** Math.min(tries - 1, 10)),
      // A replica promoted elsewhere: reconnect to reach the new primary and send the command again.
      reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
      ...options,
    }
    const client = rotatingRedis(this.#redisUrl, bounds, this.#identity)
    client.on('error', (error: unknown) => {
      this.#lastError = error
      const told = redisError(error, 'reach Redis')
      if (told.kind === 'invalid') this.#refused.get(client)?.abort()
      this.#onError(told)
    })
    client.on('ready', () => (this.#lastError = undefined))
    this.#open.add(client)
    return client
  }
}

function requireRedisUrl(redisUrl: string): void {
  const parsed = URL.canParse(redisUrl) ? new URL(redisUrl) : undefined
  if (parsed === undefined || !['redis:', 'rediss:'].includes(parsed.protocol) || parsed.hostname === '')
    throw new SiltError(
      'invalid',
      'queue/denied',
      'REDIS_URL must look like redis://[user:password@]host:port[/db] or rediss://…',
    )
}
