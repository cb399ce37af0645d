import type { Clock } from '@silt/core'
import type { Redis } from 'ioredis'
import { keyPrefix } from './job-key.ts'
import { RedisClients } from './redis-clients.ts'
import { redisError } from './redis-error.ts'
import type { RedisIdentity } from './rotating-redis.ts'

export interface RedisServer {
  readonly version: string
  readonly role: string
  readonly policy: string | undefined
  readonly usedBytes: number
  /** 0: no limit. */
  readonly limitBytes: number
}

/** What queues and leases send, as one would type it; `KEY` is a key of the queue. */
const neededCommands = [
  'GET KEY',
  'SET KEY x PX 1000',
  'DEL KEY',
  'EXISTS KEY',
  'INCR KEY',
  'HMSET KEY f v',
  'HSET KEY f v',
  'HGET KEY f',
  'HGETALL KEY',
  'LPUSH KEY x',
  'RPOPLPUSH KEY KEY',
  'LREM KEY 0 x',
  'LLEN KEY',
  'ZADD KEY 0 x',
  'ZREM KEY x',
  'BZPOPMIN KEY 1',
  'XADD KEY * f v',
  'XREAD STREAMS KEY 0',
  'XREVRANGE KEY + -',
  `EVALSHA ${'0'.repeat(40)} 1 KEY`,
] as const

const pingsMax = 8
const betweenPingsMs = 40

/** Asks about commands without running one; nil where the server is too old to say. */
const refusedScript = `
if not redis.acl_check_cmd then return false end
local refused = {}
for _, line in ipairs(ARGV) do
  local parts = {}
  for part in string.gmatch(line, '%S+') do
    if part == 'KEY' then part = KEYS[1] end
    parts[#parts + 1] = part
  end
  local known, allowed = pcall(redis.acl_check_cmd, unpack(parts))
  if not (known and allowed) then refused[#refused + 1] = parts[1] end
end
return refused`

/**
 * Asks one Redis what an operator wants to know before Silt runs on it; changes no key.
 * Errors: `queue/unavailable`, `queue/denied`, naming the settings.
 */
export class RedisProbe {
  readonly #clients: RedisClients
  readonly #client: Redis
  readonly #clock: Clock

  constructor(options: { readonly redisUrl: string; readonly identity?: () => RedisIdentity; readonly clock: Clock }) {
    const ignore = (): void => undefined
    this.#clients = new RedisClients(options.redisUrl, options.identity ?? (() => ({})), options.clock, ignore)
    this.#client = this.#clients.forCalls()
    this.#clock = options.clock
  }

  /** Milliseconds from question to answer, the best of several: the first ones are slow, and what else this process does costs time as well. */
  async pingMs(): Promise<number> {
    const trips: number[] = []
    for (let trip = 0; trip < pingsMax; trip++) {
      await this.#clients.ready(this.#client, 'ping')
      if (trip > 0) await this.#clock.sleep(betweenPingsMs)
      const beganMs = this.#clock.monotonicMs()
      await this.#ask('ping', () => this.#client.ping())
      trips.push(this.#clock.monotonicMs() - beganMs)
    }
    return Math.min(...trips)
  }

  async server(): Promise<RedisServer> {
    const [server, memory, replication] = await this.#ask('ask for INFO', () =>
      Promise.all([this.#client.info('server'), this.#client.info('memory'), this.#client.info('replication')]),
    )
    return {
      version: fieldOf(server, 'redis_version') ?? 'unknown',
      role: fieldOf(replication, 'role') ?? 'unknown',
      policy: fieldOf(memory, 'maxmemory_policy'),
      usedBytes: Number(fieldOf(memory, 'used_memory') ?? 0),
      limitBytes: Number(fieldOf(memory, 'maxmemory') ?? 0),
    }
  }

  /** By how much the server's wall clock is ahead of ours, give or take half a trip; from INFO, which every actor may ask, unlike TIME. */
  async clockAheadMs(): Promise<number | undefined> {
    const beganMs = this.#clock.nowMs()
    const info = await this.#ask('ask for INFO', () => this.#client.info('server'))
    const middleMs = (beganMs + this.#clock.nowMs()) / 2
    const micros = fieldOf(info, 'server_time_usec')
    return micros === undefined ? undefined : Number(micros) / 1000 - middleMs
  }

  /** Commands of queues that this user may not run on keys of `queue`; undefined where the server cannot tell (before Redis 7). */
  async refusedCommands(queue: string): Promise<readonly string[] | undefined> {
    const answer = await this.#ask('run a script (EVAL)', () =>
      this.#client.eval(refusedScript, 1, `${keyPrefix}:${queue}:meta`, ...neededCommands),
    )
    return Array.isArray(answer) ? answer.map(String) : undefined
  }

  close(): void {
    this.#clients.dropAll()
  }

  async #ask<T>(action: string, question: () => Promise<T>): Promise<T> {
    try {
      await this.#clients.ready(this.#client, action)
      return await question()
    } catch (error) {
      throw redisError(error, action)
    }
  }
}

function fieldOf(info: string, name: string): string | undefined {
  return new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1]
}
