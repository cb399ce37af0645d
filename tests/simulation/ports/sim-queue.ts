import type { Consumption, Json, JobQueue, Lease, QueueDepth, QueuedJob } from '@silt/core'
import type { SimProcess } from '../process.ts'
import { lockMs, redisAway, type Consumer, type Delivery, type ServerLease, type ServerQueue } from './redis.ts'

/** A queue as one process sees it. */
export class SimQueue implements JobQueue {
  readonly name: string
  readonly #process: SimProcess
  readonly #server: ServerQueue

  constructor(process: SimProcess, server: ServerQueue) {
    this.name = server.name
    this.#process = process
    this.#server = server
  }

  add(job: QueuedJob): Promise<void> {
    if (this.#isOfWriteJobs) this.#server.watch.sent(this.#process.name, job.data)
    const text = JSON.stringify(job.data)
    const away = (): Error => redisAway(`job ${job.id}`)
    return this.#process.call('queue.add', () => this.#server.add(job.id, text), { refused: away, lost: away })
  }

  consume(
    handler: (job: QueuedJob, signal: AbortSignal) => Promise<Json>,
    options: { readonly concurrency: number; readonly onError: (error: unknown) => void },
  ): Consumption {
    const consumption = new SimConsumption(this.#process, this.#server, handler, options)
    this.#server.attach(consumption)
    return consumption
  }

  onResult(listener: (id: string, result: Json) => void): () => void {
    const hear = (id: string, result: Json): void => {
      this.#server.watch.heard(this.#process.name, id, result)
      listener(id, result)
    }
    return this.#server.listen({ process: this.#process, hear })
  }

  get #isOfWriteJobs(): boolean {
    return this.name.includes('-write-')
  }

  depth(): Promise<QueueDepth> {
    return Promise.resolve({ waiting: 0, delayed: 0, active: 0 })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }
}

class SimConsumption implements Consumption, Consumer {
  readonly process: SimProcess
  readonly #server: ServerQueue
  readonly #handler: (job: QueuedJob, signal: AbortSignal) => Promise<Json>
  readonly #options: { readonly concurrency: number; readonly onError: (error: unknown) => void }
  readonly #abort = new AbortController()
  readonly #running = new Map<Delivery, Promise<void>>()
  #stopped: Promise<void> | undefined

  constructor(
    process: SimProcess,
    server: ServerQueue,
    handler: (job: QueuedJob, signal: AbortSignal) => Promise<Json>,
    options: { readonly concurrency: number; readonly onError: (error: unknown) => void },
  ) {
    this.process = process
    this.#server = server
    this.#handler = handler
    this.#options = options
  }

  free(): number {
    return this.#stopped === undefined ? this.#options.concurrency - this.#running.size : 0
  }

  /** The request for the next job and its answer are one round trip, which the process's calls decide about. */
  deliver(delivery: Delivery): void {
    this.#running.set(delivery, Promise.resolve())
    const lost = (): Error => redisAway('the request for a job')
    this.process
      .call('queue.take', () => undefined, { refused: lost, lost })
      .then(
        () => this.#running.set(delivery, this.#run(delivery)),
        (error: unknown) => {
          // Taken, and the answer never came: its lock runs out, and the consumer asks again, also where the job is no longer its own.
          this.#running.delete(delivery)
          this.#options.onError(error)
          this.process.after(lockMs, () => {
            this.#server.loseLock(delivery)
            this.#server.offer()
          })
        },
      )
  }

  stop(deadlineMs: number): Promise<void> {
    this.#stopped ??= this.#stop(deadlineMs)
    return this.#stopped
  }

  async #run(delivery: Delivery): Promise<void> {
    let outcome: { readonly result: Json } | { readonly error: unknown }
    try {
      const job = { id: delivery.id, data: JSON.parse(delivery.text) as Json, stalls: delivery.stalls }
      if (this.process.kind === 'writer') this.#server.watch.taken(this.process.name, job.data)
      outcome = { result: await this.#handler(job, this.#abort.signal) }
    } catch (error) {
      outcome = { error }
    }
    const away = (): Error => redisAway(`the end of job ${delivery.id}`)
    try {
      if ('result' in outcome) {
        const { result } = outcome
        await this.process.call('queue.finish', () => void this.#server.finish(delivery, result), {
          refused: away,
          lost: away,
        })
      } else {
        this.#options.onError(outcome.error)
        await this.process.call('queue.fail', () => this.#server.fail(delivery), { refused: away, lost: away })
      }
    } catch (error) {
      this.#options.onError(error)
      this.process.after(lockMs, () => this.#server.loseLock(delivery))
    }
    this.#running.delete(delivery)
    this.#server.offer()
  }

  async #stop(deadlineMs: number): Promise<void> {
    const deadline = new AbortController()
    const finished = Promise.all(this.#running.values())
    await Promise.race([finished, this.process.clock.sleep(deadlineMs, deadline.signal)])
    deadline.abort('finished')
    this.#abort.abort()
    this.#server.detach(this)
  }
}

export class SimLease implements Lease {
  readonly #process: SimProcess
  readonly #server: ServerLease

  constructor(process: SimProcess, server: ServerLease) {
    this.#process = process
    this.#server = server
  }

  hold(holder: string, ttlMs: number): Promise<boolean> {
    const away = (): Error => redisAway('the lease')
    return this.#process.call('lease.hold', () => this.#server.hold(holder, ttlMs), { refused: away, lost: away })
  }

  release(holder: string): Promise<void> {
    const away = (): Error => redisAway('the lease')
    return this.#process.call('lease.release', () => this.#server.release(holder), { refused: away, lost: away })
  }
}
