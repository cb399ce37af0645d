import { SiltError, type Json } from '@silt/core'
import type { Draws } from '../draws.ts'
import type { JobWatch } from '../job-watch.ts'
import type { SimProcess } from '../process.ts'
import type { Scheduler } from '../scheduler.ts'
import type { Tally } from '../tally.ts'

/** One delivery of a job to one consumer. */
export interface Delivery {
  readonly id: string
  readonly text: string
  readonly failures: number
  /** How often a consumer went silent over it before. */
  readonly stalls: number
}

/** A process's consumption, as the server sees it. */
export interface Consumer {
  readonly process: SimProcess
  /** Jobs it would take now. */
  free(): number
  deliver(delivery: Delivery): void
}

export interface ResultListener {
  readonly process: SimProcess
  readonly hear: (id: string, result: Json) => void
}

interface KeptJob {
  readonly id: string
  readonly text: string
  failures: number
  stalls: number
  state: 'waiting' | 'delayed' | 'running'
  running?: { readonly delivery: Delivery; readonly consumer: Consumer }
}

/** A job as a backup has it. */
export interface DumpedJob {
  readonly id: string
  readonly text: string
  readonly stalls: number
}

export interface RedisChances {
  /** A result that one listener does not get; that it gets twice. */
  resultLost: number
  resultTwice: number
  /** The next job taken is any of those waiting, not the oldest. */
  outOfOrder: number
}

/** What the queues of one server share. */
export interface RedisSurroundings {
  readonly scheduler: Scheduler
  readonly chances: RedisChances
  readonly watch: JobWatch
  readonly tally: Tally
}

/** How long a consumer that is not heard of has a job, ms. */
export const lockMs = 1500
const stallCheckMs = 500
/** As shared/queue's. */
const retryMs = (failures: number): number => Math.min(5000, 100 * 2 ** (failures - 1))

/** The truth of one queue on the server: BullMQ's semantics, with everything that may go wrong between it and its clients. */
export class ServerQueue {
  readonly name: string
  readonly watch: JobWatch
  readonly #scheduler: Scheduler
  readonly #draws: Draws
  readonly #chances: RedisChances
  readonly #tally: Tally
  #jobs = new Map<string, KeptJob>()
  readonly #consumers = new Set<Consumer>()
  readonly #listeners = new Set<ResultListener>()

  constructor(name: string, draws: Draws, { scheduler, chances, watch, tally }: RedisSurroundings) {
    this.name = name
    this.watch = watch
    this.#scheduler = scheduler
    this.#draws = draws
    this.#chances = chances
    this.#tally = tally
  }

  add(id: string, text: string): void {
    if (this.#jobs.has(id)) return
    this.#jobs.set(id, { id, text, failures: 0, stalls: 0, state: 'waiting' })
    this.offer()
  }

  attach(consumer: Consumer): void {
    this.#consumers.add(consumer)
    consumer.process.onDeath(() => {
      // Its locks run out; what noticed that gives the jobs to others.
      this.#scheduler.after(lockMs + stallCheckMs * this.#draws.next(), () => this.detach(consumer))
    })
    this.offer()
  }

  /** Its running jobs are delivered to others. */
  detach(consumer: Consumer): void {
    this.#consumers.delete(consumer)
    this.deliverAgain((running) => running === consumer)
  }

  listen(listener: ResultListener): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }

  /** True if the delivery still counted: not forgotten, not given to another meanwhile. */
  finish(delivery: Delivery, result: Json): boolean {
    const job = this.#held(delivery)
    if (job === undefined) return false
    this.#jobs.delete(job.id)
    const text = JSON.stringify(result)
    for (const { process, hear } of this.#listeners) {
      const times = this.#draws.chance(this.#chances.resultLost)
        ? 0
        : this.#draws.chance(this.#chances.resultTwice)
          ? 2
          : 1
      for (let time = 0; time < times; time++)
        process.after(this.#draws.between(1, time === 0 ? 20 : 2000), () => hear(job.id, JSON.parse(text) as Json))
    }
    this.offer()
    return true
  }

  fail(delivery: Delivery): void {
    const job = this.#held(delivery)
    if (job === undefined) return
    job.failures++
    job.state = 'delayed'
    delete job.running
    this.#scheduler.after(retryMs(job.failures), () => {
      if (this.#jobs.get(job.id) !== job || job.state !== 'delayed') return
      job.state = 'waiting'
      this.offer()
    })
  }

  /** A stopped process renews no lock: after a while its jobs are another's, and its own once more when it wakes. */
  loseLocksOf(process: SimProcess): void {
    this.#scheduler.after(lockMs + stallCheckMs * this.#draws.next(), () => {
      if (process.isStopped) this.deliverAgain((consumer) => consumer.process === process)
    })
  }

  /** What their consumers took counts as stalled. */
  deliverAgain(whose: (consumer: Consumer) => boolean): void {
    for (const job of this.#jobs.values())
      if (job.running !== undefined && whose(job.running.consumer)) this.#stall(job)
    this.offer()
  }

  /** The lock of this delivery ran out, and nobody had said how it ended. */
  loseLock(delivery: Delivery): void {
    const job = this.#held(delivery)
    if (job === undefined) return
    this.#stall(job)
    this.offer()
  }

  /** FLUSHALL. */
  forgetAll(): void {
    this.#jobs.clear()
  }

  has(id: string): boolean {
    return this.#jobs.has(id)
  }

  /** What a backup would hold. */
  dump(): readonly DumpedJob[] {
    return [...this.#jobs.values()].map(({ id, text, stalls }) => ({ id, text, stalls }))
  }

  restore(jobs: readonly DumpedJob[]): void {
    this.#jobs = new Map(jobs.map((job) => [job.id, { ...job, failures: 0, state: 'waiting' }]))
    this.offer()
  }

  /** Gives waiting jobs to whoever has room; a job on its way counts as running. */
  offer(): void {
    for (;;) {
      const takers = [...this.#consumers].filter(
        (each) => each.process.isAlive && !each.process.isStopped && each.free() > 0,
      )
      const waiting = [...this.#jobs.values()].filter(({ state }) => state === 'waiting')
      const [oldest] = waiting
      if (takers.length === 0 || oldest === undefined) return
      const job = this.#draws.chance(this.#chances.outOfOrder) ? this.#draws.pick(waiting) : oldest
      const consumer = this.#draws.pick(takers)
      const delivery: Delivery = { id: job.id, text: job.text, failures: job.failures, stalls: job.stalls }
      if (job.stalls > 0) this.#tally.add(`${this.name} job after ${job.stalls < 3 ? job.stalls : '3 or more'} stalls`)
      job.state = 'running'
      job.running = { delivery, consumer }
      consumer.deliver(delivery)
    }
  }

  #stall(job: KeptJob): void {
    job.stalls++
    job.state = 'waiting'
    delete job.running
  }

  #held(delivery: Delivery): KeptJob | undefined {
    const job = this.#jobs.get(delivery.id)
    return job?.running?.delivery === delivery ? job : undefined
  }
}

/** The truth of the lease. */
export class ServerLease {
  readonly #nowMs: () => number
  #held: { readonly holder: string; readonly untilMs: number } | undefined

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs
  }

  hold(holder: string, ttlMs: number): boolean {
    if (this.#held !== undefined && this.#held.untilMs > this.#nowMs() && this.#held.holder !== holder) return false
    this.#held = { holder, untilMs: this.#nowMs() + ttlMs }
    return true
  }

  release(holder: string): void {
    if (this.#held?.holder === holder) this.#held = undefined
  }

  forget(): void {
    this.#held = undefined
  }
}

export function redisAway(what: string): SiltError {
  return new SiltError('unavailable', 'queue/unavailable', `Redis did not take ${what}`)
}
