import { SiltError, isSiltError, type Clock, type Consumption, type Json, type QueuedJob } from '@silt/core'
import type { Job } from 'bullmq'
import type { Redis } from 'ioredis'
import { retryDelayMs } from '../retry-delay.ts'
import { limitedReport } from './error-report.ts'
import { fromBullmqId, keyPrefix } from './job-key.ts'
import { PacedWorker } from './paced-worker.ts'
import type { RedisClients } from './redis-clients.ts'
import { redisError } from './redis-error.ts'

const lockDurationMs = 3_000
const stalledIntervalMs = 500
const restartDelayMs = 500
const forceCloseMsMax = 1_000
/** With nothing running and Redis away there is nothing to wait for. */
const awayStopMsMax = 500
const idleWaitSeconds = 2
const unlimited = 2 ** 31 - 1

export interface BullmqConsumptionOptions {
  readonly queue: string
  readonly clients: RedisClients
  readonly clock: Clock
  readonly concurrency: number
  readonly handler: (job: QueuedJob, signal: AbortSignal) => Promise<Json>
  readonly onError: (error: unknown) => void
}

/**
 * Consumes one queue until stopped. A worker whose loop ends for any other reason is replaced by a new one.
 *
 * A finish that Redis refuses (the job or its lock is gone: emptied, restarted, taken over) is reported as
 * `queue/lock-lost` and otherwise ignored: whoever planned the job knows what to do (I1).
 */
export class BullmqConsumption implements Consumption {
  readonly #options: BullmqConsumptionOptions
  readonly #client: Redis
  readonly #abort = new AbortController()
  readonly #stopping = new AbortController()
  readonly #report: (error: unknown) => void
  readonly #loop: Promise<void>
  #worker: PacedWorker
  #stopped: Promise<void> | undefined
  #running = 0

  constructor(options: BullmqConsumptionOptions) {
    this.#options = options
    this.#client = options.clients.forLoops()
    const report = limitedReport(options.clock, options.onError)
    this.#report = (error) => {
      if (!this.#abort.signal.aborted) report(workerError(error))
    }
    this.#worker = this.#openWorker()
    this.#loop = this.#run()
  }

  stop(deadlineMs: number): Promise<void> {
    this.#stopped ??= this.#stop(deadlineMs)
    return this.#stopped
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    await this.#worker.run().catch(this.#report)
    while (!signal.aborted) {
      await this.#forceClose()
      await this.#options.clock.sleep(restartDelayMs, signal)
      await this.#runNewWorker()
    }
  }

  async #runNewWorker(): Promise<void> {
    if (this.#stopping.signal.aborted) return
    this.#worker = this.#openWorker()
    await this.#worker.run().catch(this.#report)
  }

  #openWorker(): PacedWorker {
    const { queue, concurrency, clock } = this.#options
    const worker = new PacedWorker(
      queue,
      (job: Job) => this.#handle(job),
      {
        connection: this.#client,
        prefix: keyPrefix,
        concurrency,
        lockDuration: lockDurationMs,
        stalledInterval: stalledIntervalMs,
        maxStalledCount: unlimited,
        drainDelay: idleWaitSeconds,
        runRetryDelay: restartDelayMs,
        skipVersionCheck: true,
        settings: { backoffStrategy: retryDelayMs },
      },
      clock,
    )
    worker.on('error', this.#report)
    return worker
  }

  async #handle(job: Job): Promise<Json> {
    const { handler, onError } = this.#options
    this.#running++
    try {
      const queued = { id: fromBullmqId(job.id ?? ''), data: job.data as Json, stalls: job.stalledCounter }
      return await handler(queued, this.#abort.signal)
    } catch (error) {
      if (!this.#abort.signal.aborted) onError(error)
      // BullMQ gives some names and messages a meaning of their own, and keeps the text: neither is the handler's to give.
      throw new Error(isSiltError(error) ? `handler failed: ${error.code}` : 'handler failed', { cause: error })
    } finally {
      this.#running--
    }
  }

  async #stop(deadlineMs: number): Promise<void> {
    const { clock, clients } = this.#options
    this.#stopping.abort()
    const deadline = new AbortController()
    const finished = Promise.all([this.#worker.close(), this.#loop]).then(() => true)
    const idleAway = this.#running === 0 && this.#client.status !== 'ready'
    const waitMs = idleAway ? Math.min(deadlineMs, awayStopMsMax) : deadlineMs
    const inTime = await Promise.race([finished, clock.sleep(waitMs, deadline.signal)])
    deadline.abort()
    this.#abort.abort()
    if (inTime !== true) await this.#forceClose()
    clients.drop(this.#client)
  }

  async #forceClose(): Promise<void> {
    const waited = new AbortController()
    const closed = this.#worker.forceClose().catch(this.#report)
    await Promise.race([closed, this.#options.clock.sleep(forceCloseMsMax, waited.signal)])
    waited.abort()
  }
}

function workerError(error: unknown): SiltError {
  const message = error instanceof Error ? error.message : String(error)
  if (/^(Missing key|Missing lock|Lock mismatch|Job .* is not in the|could not renew lock)/i.test(message))
    return new SiltError('unavailable', 'queue/lock-lost', `a job is no longer ours: ${message}`)
  return redisError(error, 'consume jobs')
}
