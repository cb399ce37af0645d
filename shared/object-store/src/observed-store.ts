import type { GetResult, ObjectInfo, ObjectStore, PutIfAbsentResult, PutResult } from '@silt/core'
import type { ByteRange } from './byte-range.ts'

/** One request to a store and how it ended. */
export interface StoreCall {
  readonly operation: 'get' | 'head' | 'put' | 'putIfAbsent' | 'list'
  /** Why it failed; undefined where it did not. A conditional put without an answer counts as failed by its cause. */
  readonly error?: unknown
}

/** Tells of every request; changes nothing. A `list` is one call, however many pages it takes. */
export class ObservedStore implements ObjectStore {
  readonly location: string
  readonly #inner: ObjectStore
  readonly #onCall: (call: StoreCall) => void

  constructor(inner: ObjectStore, onCall: (call: StoreCall) => void) {
    this.location = inner.location
    this.#inner = inner
    this.#onCall = onCall
  }

  get(key: string, range?: ByteRange): Promise<GetResult> {
    return this.#told('get', this.#inner.get(key, range))
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.#told('head', this.#inner.head(key))
  }

  put(key: string, body: Uint8Array): Promise<PutResult> {
    return this.#told('put', this.#inner.put(key, body))
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<PutIfAbsentResult> {
    const operation = 'putIfAbsent'
    try {
      const result = await this.#inner.putIfAbsent(key, body)
      this.#onCall(result.kind === 'unknown' ? { operation, error: result.cause } : { operation })
      return result
    } catch (error) {
      this.#onCall({ operation, error })
      throw error
    }
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectInfo> {
    try {
      yield* this.#inner.list(prefix, options)
      this.#onCall({ operation: 'list' })
    } catch (error) {
      this.#onCall({ operation: 'list', error })
      throw error
    }
  }

  newestAnswerMs(): number | undefined {
    return this.#inner.newestAnswerMs()
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  async #told<T>(operation: StoreCall['operation'], answer: Promise<T>): Promise<T> {
    try {
      const value = await answer
      this.#onCall({ operation })
      return value
    } catch (error) {
      this.#onCall({ operation, error })
      throw error
    }
  }
}
