import {
  SiltError,
  type GetResult,
  type ObjectInfo,
  type ObjectStore,
  type PutIfAbsentResult,
  type PutResult,
} from '@silt/core'
import type { SimProcess } from '../process.ts'
import type { Bucket } from './bucket.ts'

/** As S3 has it: a request signed longer ago, by the store's clock, is refused. */
export const signedMsMax = 900_000
/** From so much on the SDK takes the store's time for its own. */
const offsetMsMin = 300_000
/** Small, so that a listing takes several requests and others put between them. */
const listPageKeys = 20

/** A store as one process sees it: every request takes time and may fail, be lost or land late. */
export class SimStore implements ObjectStore {
  readonly location: string
  readonly #process: SimProcess
  readonly #bucket: Bucket
  #newestAnswerMs: number | undefined
  /** How far ahead of this machine's clock the store's is, as far as its answers have told. */
  #offsetMs = 0

  constructor(process: SimProcess, bucket: Bucket) {
    this.location = bucket.name
    this.#process = process
    this.#bucket = bucket
  }

  get(key: string, range?: { readonly startByte: number; readonly endByteExclusive: number }): Promise<GetResult> {
    return this.#read('get', key, async () => {
      const found = await this.#bucket.objects.get(key, range)
      if (found.kind !== 'missing') this.#bucket.wasRead(key, this.#process.name)
      return found
    })
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.#read('head', key, () => this.#bucket.objects.head(key))
  }

  put(key: string, body: Uint8Array): Promise<PutResult> {
    const lost = (): SiltError => new SiltError('ambiguous', 'store/ambiguous', `whether ${key} was put is open`)
    return this.#process.call(
      'store.put',
      this.#signed(() => this.#bucket.put(key, body, this.#process.name)),
      {
        refused: () => away('put', key),
        lost,
      },
    )
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<PutIfAbsentResult> {
    const effect = this.#signed(() => this.#bucket.putIfAbsent(key, body, this.#process.name))
    try {
      return await this.#process.call(
        'store.putIfAbsent',
        effect,
        {
          refused: () => away('putIfAbsent', key),
          lost: () => new AnswerLost(key),
        },
        key.startsWith('_delta_log/') ? this.location : undefined,
      )
    } catch (cause) {
      if (cause instanceof AnswerLost) return { kind: 'unknown', cause }
      throw cause
    }
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectInfo> {
    let after = options.startAfter
    for (;;) {
      const startAfter = after
      const page = await this.#read('list', prefix, () => this.#bucket.page(prefix, startAfter, listPageKeys))
      yield* page
      after = page.at(-1)?.key
      if (page.length < listPageKeys) return
    }
  }

  newestAnswerMs(): number | undefined {
    return this.#newestAnswerMs
  }

  /** Every store can delete; Silt's port cannot ask for it, only a broken variant does (`mutants/`). */
  remove(key: string): Promise<void> {
    return this.#process.call('store.delete', () => this.#bucket.remove(key, this.#process.name), {
      refused: () => away('delete', key),
      lost: () => away('delete', key),
    })
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #read<T>(operation: string, key: string, effect: () => Promise<T>): Promise<T> {
    const refused = (): SiltError => away(operation, key)
    return this.#process.call(`store.${operation}`, this.#signed(effect), { refused, lost: refused })
  }

  /** A request as it is signed now, whenever it gets there. The store's clock goes right, whatever the machines' say. */
  #signed<T>(effect: () => Promise<T>): () => Promise<T> {
    const { clock, kind } = this.#process
    const signedMs = clock.nowMs() + this.#offsetMs
    return async () => {
      const nowMs = this.#bucket.nowMs()
      const isAway = kind === 'committer' && nowMs < this.#bucket.awayUntilMs
      const isSkewed = Math.abs(nowMs - signedMs) > signedMsMax
      const answer = isAway || isSkewed ? undefined : { value: await effect() }
      // A refusal has a date as well, and the SDK learns from it.
      this.#newestAnswerMs = Math.max(this.#newestAnswerMs ?? 0, nowMs)
      const offsetMs = nowMs - clock.nowMs()
      if (Math.abs(offsetMs - this.#offsetMs) > offsetMsMin) this.#offsetMs = offsetMs
      if (answer !== undefined) return answer.value
      if (isAway) throw away('a request to', this.location)
      throw new SiltError('unavailable', 'store/clock-skewed', `a request to ${this.location} was too long on its way`)
    }
  }
}

class AnswerLost extends Error {
  constructor(key: string) {
    super(`the answer to putting ${key} was lost`)
  }
}

function away(operation: string, key: string): SiltError {
  return new SiltError('unavailable', 'store/unavailable', `the store did not take ${operation} ${key}`)
}
