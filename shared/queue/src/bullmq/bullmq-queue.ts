import {
  SiltError,
  type Clock,
  type Consumption,
  type Json,
  type JobQueue,
  type QueueDepth,
  type QueuedJob,
} from '@silt/core'
import { Queue } from 'bullmq'
import type { Redis } from 'ioredis'
import { BullmqConsumption } from './bullmq-consumption.ts'
import { fromBullmqId, keyPrefix, toBullmqId } from './job-key.ts'
import type { RedisClients } from './redis-clients.ts'
import { redisError } from './redis-error.ts'
import { ResultListener } from './result-listener.ts'

const callMsMax = 6_000
const eventsMax = 2_000
const attemptsUnlimited = 2 ** 31 - 1

export interface BullmqQueueOptions {
  readonly name: string
  /** Shared connection for calls; belongs to the provider. */
  readonly client: Redis
  readonly clients: RedisClients
  readonly clock: Clock
  readonly onError: (error: unknown) => void
}

/** A job queue in Redis; keys are BullMQ's own under `{silt}:<name>:`. */
export class BullmqQueue implements JobQueue {
  readonly name: string
  readonly #options: BullmqQueueOptions
  readonly #queue: Queue
  readonly #consumptions = new Set<Consumption>()
  readonly #listeners = new Set<(id: string, result: Json) => void>()
  #resultListener: ResultListener | undefined

  constructor(options: BullmqQueueOptions) {
    this.name = options.name
    this.#options = options
    this.#queue = new Queue(options.name, {
      connection: options.client,
      prefix: keyPrefix,
      skipVersionCheck: true,
      streams: { events: { maxLen: eventsMax } },
      defaultJobOptions: {
        attempts: attemptsUnlimited,
        backoff: { type: 'bounded' },
        // A finished job that stayed would swallow the next one of its id.
        removeOnComplete: true,
        removeOnFail: true,
        stackTraceLimit: 0,
        keepLogs: 0,
      },
    })
    this.#queue.on('error', (error) => options.onError(redisError(error, 'use the queue')))
  }

  async add(job: QueuedJob): Promise<void> {
    await this.#call('add a job', () => this.#queue.add('job', job.data, { jobId: toBullmqId(job.id) }))
  }

  consume(
    handler: (job: QueuedJob, signal: AbortSignal) => Promise<Json>,
    options: { readonly concurrency: number; readonly onError: (error: unknown) => void },
  ): Consumption {
    const { clients, clock } = this.#options
    const consumption = new BullmqConsumption({ queue: this.name, clients, clock, handler, ...options })
    this.#consumptions.add(consumption)
    return consumption
  }

  onResult(listener: (id: string, result: Json) => void): () => void {
    const own = (id: string, result: Json): void => listener(id, result)
    this.#listeners.add(own)
    this.#resultListener ??= this.#listen()
    return () => void this.#listeners.delete(own)
  }

  async depth(): Promise<QueueDepth> {
    const counts = await this.#call('count jobs', () => this.#queue.getJobCounts('wait', 'delayed', 'active'))
    const delayed = counts['delayed'] ?? 0
    return { waiting: (counts['wait'] ?? 0) + delayed, delayed, active: counts['active'] ?? 0 }
  }

  async close(): Promise<void> {
    this.#listeners.clear()
    await Promise.all([
      ...[...this.#consumptions].map((consumption) => consumption.stop(0)),
      this.#resultListener?.close(),
      this.#queue.close(),
    ])
  }

  #listen(): ResultListener {
    const { clients, clock, onError } = this.#options
    return new ResultListener({
      streamKey: this.#queue.toKey('events'),
      clients,
      clock,
      onError,
      onResult: (id, result) => {
        for (const listener of [...this.#listeners]) listener(fromBullmqId(id), result)
      },
    })
  }

  /** Bounded in time twice over: BullMQ may wait for a connection that never comes, and the connection for an answer. */
  async #call<T>(action: string, call: () => Promise<T>): Promise<T> {
    const { clients, client, clock } = this.#options
    const answered = new AbortController()
    const tooLate = async (): Promise<never> => {
      await clock.sleep(callMsMax, answered.signal)
      throw new SiltError(
        'unavailable',
        'queue/unavailable',
        `REDIS_URL: cannot ${action}: no answer in ${callMsMax} ms`,
      )
    }
    try {
      await clients.ready(client, action)
      return await Promise.race([call(), tooLate()])
    } catch (error) {
      throw redisError(error, action)
    } finally {
      answered.abort()
    }
  }
}
