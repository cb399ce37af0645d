import type { Clock, GetResult, ObjectInfo, ObjectStore, PutIfAbsentResult, PutResult } from '@silt/core'
import { SiltError } from '@silt/core'
import type { ByteRange } from '../byte-range.ts'

export interface StoreCall {
  readonly operation: 'get' | 'head' | 'put' | 'putIfAbsent' | 'list'
  readonly key: string
  /** Calls of this store before this one. */
  readonly index: number
}

/**
 * What happens to one call.
 * - `fail-before`: nothing is done, `store/unavailable`.
 * - `answer-lost`: it is done, its answer is lost: `unknown` for `putIfAbsent`, `store/ambiguous` for `put`, `store/unavailable` for reads.
 * - `delay`: done and answered, `afterMs` later.
 * - `lands-late`: a put whose answer is lost at once and that takes place `afterMs` later; reads are as `fail-before`.
 */
export type Fault =
  | { readonly kind: 'fail-before' }
  | { readonly kind: 'answer-lost' }
  | { readonly kind: 'delay'; readonly afterMs: number }
  | { readonly kind: 'lands-late'; readonly afterMs: number }

/** Decides for each call, in order; undefined lets it pass. */
export type FaultPlan = (call: StoreCall) => Fault | undefined

/** A store that fails by plan, for tests. */
export class FaultyStore implements ObjectStore {
  readonly location: string
  readonly #inner: ObjectStore
  readonly #plan: FaultPlan
  readonly #clock: Clock
  readonly #late = new Set<Promise<unknown>>()
  #calls = 0

  constructor(inner: ObjectStore, options: { readonly plan: FaultPlan; readonly clock: Clock }) {
    this.location = inner.location
    this.#inner = inner
    this.#plan = options.plan
    this.#clock = options.clock
  }

  async get(key: string, range?: ByteRange): Promise<GetResult> {
    return await this.#read('get', key, async () => await this.#inner.get(key, range))
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    return await this.#read('head', key, async () => await this.#inner.head(key))
  }

  async put(key: string, body: Uint8Array): Promise<PutResult> {
    return await this.#write(
      'put',
      key,
      async () => await this.#inner.put(key, body),
      (error) => {
        throw error
      },
    )
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<PutIfAbsentResult> {
    const attempt = async (): Promise<PutIfAbsentResult> => await this.#inner.putIfAbsent(key, body)
    return await this.#write('putIfAbsent', key, attempt, (cause) => ({ kind: 'unknown', cause }))
  }

  /** One fault a listing: `fail-before` before its first key, `answer-lost` after it. */
  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectInfo> {
    const fault = this.#next('list', prefix)
    if (fault?.kind === 'delay') await this.#clock.sleep(fault.afterMs)
    if (fault?.kind === 'fail-before' || fault?.kind === 'lands-late') throw unavailable('list', prefix)
    for await (const info of this.#inner.list(prefix, options)) {
      yield info
      if (fault?.kind === 'answer-lost') throw unavailable('list', prefix)
    }
  }

  newestAnswerMs(): number | undefined {
    return this.#inner.newestAnswerMs()
  }

  /** Resolves when every late put has landed. */
  async landed(): Promise<void> {
    while (this.#late.size > 0) await Promise.all(this.#late)
  }

  async close(): Promise<void> {
    await this.#inner.close()
  }

  async #read<T>(operation: StoreCall['operation'], key: string, attempt: () => Promise<T>): Promise<T> {
    const fault = this.#next(operation, key)
    if (fault?.kind === 'delay') await this.#clock.sleep(fault.afterMs)
    if (fault !== undefined && fault.kind !== 'delay') throw unavailable(operation, key)
    return await attempt()
  }

  async #write<T>(
    operation: StoreCall['operation'],
    key: string,
    attempt: () => Promise<T>,
    lost: (error: SiltError) => T,
  ): Promise<T> {
    const fault = this.#next(operation, key)
    switch (fault?.kind) {
      case undefined:
        return await attempt()
      case 'fail-before':
        throw unavailable(operation, key)
      case 'delay':
        await this.#clock.sleep(fault.afterMs)
        return await attempt()
      case 'answer-lost':
        await attempt()
        return lost(ambiguous(operation, key))
      case 'lands-late': {
        const landing = this.#clock.sleep(fault.afterMs).then(attempt)
        // Nobody hears how it ends.
        const heard: Promise<unknown> = landing.catch(() => undefined).finally(() => this.#late.delete(heard))
        this.#late.add(heard)
        return lost(ambiguous(operation, key))
      }
    }
  }

  #next(operation: StoreCall['operation'], key: string): Fault | undefined {
    return this.#plan({ operation, key, index: this.#calls++ })
  }
}

function unavailable(operation: string, key: string): SiltError {
  return new SiltError('unavailable', 'store/unavailable', `planned fault: ${operation} ${key} failed`)
}

function ambiguous(operation: string, key: string): SiltError {
  return new SiltError('ambiguous', 'store/ambiguous', `planned fault: the answer to ${operation} ${key} was lost`)
}
