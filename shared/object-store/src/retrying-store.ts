import type { GetResult, ObjectInfo, ObjectStore, PutIfAbsentResult, PutResult } from '@silt/core'
import { isSiltError, shouldRetry, SiltError } from '@silt/core'
import type { ByteRange } from './byte-range.ts'
import { beginCourse, type Retry, type RetryCourse, type RetryOptions } from './retry-course.ts'

/**
 * Tries again what is `unavailable`, with jitter, within a number of tries and a budget of time.
 *
 * - `put` is tried again after a lost answer too: its name is the caller's own and the body the same.
 * - `putIfAbsent` never is: `unknown` stays `unknown`, because a second put would answer `exists` to our own success.
 *   Only what the store says did not happen (it throws) is sent again, and not where it was too long on its way (`store/clock-skewed`): the
 *   machine may have been halted between what was read and this request (I8a).
 * - `list` goes on after the last key it gave.
 */
export class RetryingStore implements ObjectStore {
  readonly location: string
  readonly #inner: ObjectStore
  readonly #options: RetryOptions
  readonly #closing = new AbortController()

  constructor(inner: ObjectStore, options: RetryOptions) {
    this.location = inner.location
    this.#inner = inner
    this.#options = options
  }

  async get(key: string, range?: ByteRange): Promise<GetResult> {
    return await this.#retry('get', key, async () => await this.#inner.get(key, range))
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    return await this.#retry('head', key, async () => await this.#inner.head(key))
  }

  async put(key: string, body: Uint8Array): Promise<PutResult> {
    const course = this.#begin('put', key)
    let lostAnswer: unknown
    for (;;) {
      try {
        return await this.#inner.put(key, body)
      } catch (error) {
        const ambiguous = isSiltError(error) && error.kind === 'ambiguous'
        if (ambiguous) lostAnswer = error
        if ((ambiguous || shouldRetry(error)) && (await course.again(error))) continue
        if (lostAnswer === undefined || ambiguous) throw error
        const message = `whether ${key} was put into ${this.location} is open: one try lost its answer, the last failed`
        throw new SiltError('ambiguous', 'store/ambiguous', message, { context: { key }, cause: error })
      }
    }
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<PutIfAbsentResult> {
    const isOfNow = (error: unknown): boolean => !isSiltError(error, 'store/clock-skewed')
    return await this.#retry('putIfAbsent', key, async () => await this.#inner.putIfAbsent(key, body), isOfNow)
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectInfo> {
    let resume = options
    let course = this.#begin('list', prefix)
    for (;;) {
      const infos = this.#inner.list(prefix, resume)[Symbol.asyncIterator]()
      try {
        for (;;) {
          const step = await infos.next()
          if (step.done === true) return
          resume = { startAfter: step.value.key }
          course = this.#begin('list', prefix)
          yield step.value
        }
      } catch (error) {
        if (!shouldRetry(error) || !(await course.again(error))) throw error
      } finally {
        await infos.return?.()
      }
    }
  }

  newestAnswerMs(): number | undefined {
    return this.#inner.newestAnswerMs()
  }

  /** Ends waits at once: what is being retried fails with its last error. */
  async close(): Promise<void> {
    this.#closing.abort()
    await this.#inner.close()
  }

  async #retry<T>(
    operation: Retry['operation'],
    key: string,
    attempt: () => Promise<T>,
    mayRetry: (error: unknown) => boolean = () => true,
  ): Promise<T> {
    const course = this.#begin(operation, key)
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        if (!shouldRetry(error) || !mayRetry(error) || !(await course.again(error))) throw error
      }
    }
  }

  #begin(operation: Retry['operation'], key: string): RetryCourse {
    // A put that must not come late is timed by the store's clock too; others would be denied a try by an old answer.
    const timing = operation === 'putIfAbsent' ? this.#inner : undefined
    return beginCourse(this.#options, { operation, key, signal: this.#closing.signal, timing })
  }
}
