import { SiltError, type Clock } from '@silt/core'
import type { ActorKind } from './actor-kind.ts'
import { drawsFor, type Draws } from './draws.ts'
import type { Cancel, Scheduler } from './scheduler.ts'

/** One port call of one process, as faults and sweeps see it. */
export interface PortCall {
  /** `writer-1#2`: the second life of writer 1. */
  readonly process: string
  /** `store.putIfAbsent`, `queue.add`, … */
  readonly operation: string
  /** Of this process, from 1. */
  readonly index: number
  /** Whose log it is, of a version put there. */
  readonly place?: string
}

/**
 * What becomes of one call.
 * - `refused`: not done, and said so. `lost`: done, and the caller hears nothing but a failure. `late`: the caller hears a failure, then it is done.
 * - `doubled`: done twice (a network below repeats it), the second answer is heard.
 */
export type Fate = 'fine' | 'refused' | 'full' | 'lost' | 'late' | 'doubled'

export interface CallPlan {
  readonly fate: Fate
  /** Until the request is carried out, ms. */
  readonly thereMs: number
  /** From then (or, where the answer is lost, from the request) until the caller hears, ms. */
  readonly backMs: number
}

/** Silt's actors, and others that use the same servers. */
export type ProcessKind = ActorKind | 'operator' | 'engine'

/** Whoever decides about calls; asked once a call. */
export type PlanCall = (call: PortCall, draws: Draws) => CallPlan

/** Told before a call is sent and after its answer has come (which is then heard, if the process still lives), and may end the process there. */
export type CallWatch = (call: PortCall, when: 'before' | 'after', process: SimProcess) => void

export interface ProcessSurroundings {
  readonly scheduler: Scheduler
  readonly seed: number
  readonly plan: PlanCall
  readonly watch: CallWatch
}

/** Errors a caller hears, by operation: what could not be reached did nothing, what was lost may have. */
export interface CallErrors {
  readonly refused: () => Error
  readonly lost: () => Error
}

interface Settle<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: Error) => void
}

/**
 * One life of an actor's process: everything it asks of the world goes through `call`, every wait through `after`. Once it is dead nothing reaches
 * it any more; what it has already sent takes place all the same. While it is stopped (SIGSTOP) what is meant for it waits, and so does what it was about to send.
 */
export class SimProcess {
  readonly name: string
  readonly kind: ProcessKind
  readonly number: number
  readonly life: number
  readonly clock: Clock
  readonly #surroundings: ProcessSurroundings
  readonly #pending: (() => void)[] = []
  readonly #onDeath: (() => void)[] = []
  #state: 'running' | 'stopped' | 'dead' = 'running'
  #calls = 0
  #stops = 0
  /** What a jump of this machine's clock added, ms. */
  skewMs = 0
  /** How long its machine slept, ms: the steady clock stood still meanwhile, and nothing of it was heard. */
  sleptMs = 0

  constructor(
    surroundings: ProcessSurroundings,
    identity: { readonly kind: ProcessKind; readonly number: number; readonly life: number },
    startMs: number,
  ) {
    this.#surroundings = surroundings
    this.kind = identity.kind
    this.number = identity.number
    this.life = identity.life
    this.name = `${identity.kind}-${identity.number}#${identity.life}`
    const { scheduler } = surroundings
    this.clock = {
      nowMs: () => Math.floor(startMs + scheduler.nowMs + this.skewMs),
      monotonicMs: () => scheduler.nowMs - this.sleptMs,
      sleep: (ms, signal) => this.#sleep(ms, signal),
    }
  }

  get isAlive(): boolean {
    return this.#state !== 'dead'
  }

  get isStopped(): boolean {
    return this.#state === 'stopped'
  }

  /** SIGKILL. */
  kill(): void {
    if (this.#state === 'dead') return
    this.#state = 'dead'
    this.#pending.length = 0
    for (const each of this.#onDeath.splice(0)) each()
  }

  /** SIGSTOP; a second one makes it stand still until the second SIGCONT. */
  stop(): void {
    this.#stops++
    if (this.#state === 'running') this.#state = 'stopped'
  }

  /** SIGCONT: everything that has come meanwhile is heard, in order. */
  resume(): void {
    this.#stops--
    if (this.#state !== 'stopped' || this.#stops > 0) return
    this.#state = 'running'
    for (const each of this.#pending.splice(0)) this.after(0, each)
  }

  onDeath(act: () => void): void {
    if (this.#state === 'dead') act()
    else this.#onDeath.push(act)
  }

  /** Runs `act` in this process `ms` from now: later if it is stopped then, never if it is dead. */
  after(ms: number, act: () => void): Cancel {
    return this.#surroundings.scheduler.after(ms, () => this.#hear(act))
  }

  /** One request to something outside this process; `effect` takes place there at once, whole. */
  call<T>(operation: string, effect: () => T | Promise<T>, errors: CallErrors, place?: string): Promise<T> {
    if (this.#state === 'dead') return never()
    const call: PortCall = {
      process: this.name,
      operation,
      index: ++this.#calls,
      ...(place !== undefined && { place }),
    }
    this.#surroundings.watch(call, 'before', this)
    if (this.#dead) return never()
    return new Promise((resolve, reject) => {
      // Stopped just there, it sends once it runs again.
      this.#hear(() => this.#send(call, effect, errors, { resolve, reject }))
    })
  }

  #send<T>(call: PortCall, effect: () => T | Promise<T>, errors: CallErrors, { resolve, reject }: Settle<T>): void {
    const { scheduler, plan, watch, seed } = this.#surroundings
    const { fate, thereMs, backMs } = plan(call, drawsFor(seed, this.#place, call.index))
    const answer = (settle: () => void): void => {
      this.after(backMs, () => {
        watch(call, 'after', this)
        if (!this.#dead) settle()
      })
    }
    const fail = (error: () => Error): void => answer(() => reject(error()))
    if (fate === 'refused') return fail(errors.refused)
    if (fate === 'full') return fail(() => new SiltError('unavailable', 'store/full', 'no space is left'))
    if (fate === 'lost' || fate === 'late') fail(errors.lost)
    scheduler.after(thereMs, () => {
      const first = carryOut(effect)
      const done =
        fate === 'doubled'
          ? first.then(
              () => carryOut(effect),
              () => carryOut(effect),
            )
          : first
      done.then(
        (value) => fate === 'lost' || fate === 'late' || answer(() => resolve(value)),
        (error: unknown) => fate === 'lost' || fate === 'late' || answer(() => reject(asError(error))),
      )
    })
  }

  /** Seeds what this life draws for itself. */
  get randomSeed(): number {
    return Math.floor(drawsFor(this.#surroundings.seed, this.#place).next() * 2 ** 31)
  }

  get #place(): number {
    return this.kind.charCodeAt(0) * 10_000 + this.number * 100 + this.life
  }

  // Read anew each time: a watch may have ended the process meanwhile.
  get #dead(): boolean {
    return this.#state === 'dead'
  }

  #hear(act: () => void): void {
    if (this.#state === 'running') act()
    else if (this.#state === 'stopped') this.#pending.push(act)
  }

  #sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted === true || this.#state === 'dead') return this.#dead ? never() : Promise.resolve()
    return new Promise((resolve) => {
      const wake = (): void => {
        signal?.removeEventListener('abort', onAbort)
        resolve()
      }
      const cancel = this.after(ms, wake)
      const onAbort = (): void => {
        cancel()
        resolve()
      }
      signal?.addEventListener('abort', onAbort, { once: true })
    })
  }
}

async function carryOut<T>(effect: () => T | Promise<T>): Promise<T> {
  return effect()
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error))
}
