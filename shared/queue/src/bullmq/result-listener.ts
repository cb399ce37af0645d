import type { Clock, Json } from '@silt/core'
import type { Redis } from 'ioredis'
import type { RedisClients } from './redis-clients.ts'
import { redisError } from './redis-error.ts'

const readBlockMs = 2_000
const readEventsMax = 500
const retryDelayMs = 200
const streamStart = '0-0'

export interface ResultListenerOptions {
  /** Key of BullMQ's event stream of the queue. */
  readonly streamKey: string
  readonly clients: RedisClients
  readonly clock: Clock
  readonly onError: (error: unknown) => void
  readonly onResult: (id: string, result: Json) => void
}

/**
 * Follows a queue's event stream from where it stands and tells the results of completed jobs, best effort.
 *
 * An event is `event completed jobId <id> returnvalue <JSON>` among others; the stream is trimmed by BullMQ.
 * A stream that begins anew with lower ids (Redis emptied, another clock) is followed again from its start.
 */
export class ResultListener {
  readonly #options: ResultListenerOptions
  readonly #client: Redis
  readonly #closing = new AbortController()
  readonly #loop: Promise<void>

  constructor(options: ResultListenerOptions) {
    this.#options = options
    this.#client = options.clients.forCalls()
    this.#loop = this.#run()
  }

  async close(): Promise<void> {
    this.#closing.abort()
    this.#options.clients.drop(this.#client)
    await this.#loop
  }

  async #run(): Promise<void> {
    const { clock } = this.#options
    const { signal } = this.#closing
    let lastId: string | undefined
    while (!signal.aborted) {
      const next = await this.#followOrReport(lastId)
      if (next === undefined) await clock.sleep(retryDelayMs, signal)
      else lastId = next
    }
  }

  /** The id to go on from; undefined after a failure, which is reported unless the listener is closing. */
  async #followOrReport(lastId: string | undefined): Promise<string | undefined> {
    try {
      await this.#options.clients.ready(this.#client, 'listen for results')
      return lastId === undefined ? ((await this.#newestId()) ?? streamStart) : await this.#follow(lastId)
    } catch (error) {
      if (!this.#closing.signal.aborted) this.#options.onError(redisError(error, 'listen for results'))
      return undefined
    }
  }

  /** Waits for events after `lastId`, tells them, and returns the id to go on from. */
  async #follow(lastId: string): Promise<string> {
    const { streamKey } = this.#options
    const args = ['COUNT', readEventsMax, 'BLOCK', readBlockMs, 'STREAMS', streamKey, lastId] as const
    const answer = await this.#client.xread(...args)
    const events = answer?.[0]?.[1] ?? []
    for (const [, fields] of events) this.#tell(fields)
    const newest = events.at(-1)?.[0]
    if (newest !== undefined) return newest
    const nowNewest = (await this.#newestId()) ?? streamStart
    return isBefore(nowNewest, lastId) ? streamStart : lastId
  }

  async #newestId(): Promise<string | undefined> {
    const [newest] = await this.#client.xrevrange(this.#options.streamKey, '+', '-', 'COUNT', 1)
    return newest?.[0]
  }

  #tell(fields: readonly string[]): void {
    const event = new Map<string, string>()
    for (let index = 0; index + 1 < fields.length; index += 2) event.set(fields[index] ?? '', fields[index + 1] ?? '')
    const id = event.get('jobId')
    const result = event.get('returnvalue')
    if (event.get('event') !== 'completed' || id === undefined || result === undefined) return
    try {
      this.#options.onResult(id, JSON.parse(result) as Json)
    } catch (error) {
      this.#options.onError(error)
    }
  }
}

/** Stream ids are `<ms>-<sequence>`. */
function isBefore(a: string, b: string): boolean {
  const [aMs = 0, aSequence = 0] = a.split('-').map(Number)
  const [bMs = 0, bSequence = 0] = b.split('-').map(Number)
  return aMs < bMs || (aMs === bMs && aSequence < bSequence)
}
