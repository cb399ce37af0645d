import {
  systemClock,
  type GetResult,
  type ObjectInfo,
  type ObjectStore,
  type PutIfAbsentResult,
  type PutResult,
} from '@silt/core'
import { MemoryStore } from '@silt/object-store'

/** A store whose objects another engine's clean-up can take away: Silt's own port has no delete. */
export class CleanableStore implements ObjectStore {
  readonly location = 'cleanable'
  #inner: ObjectStore

  constructor(inner: ObjectStore) {
    this.#inner = inner
  }

  async clean(taken: (key: string) => boolean): Promise<void> {
    const kept = new MemoryStore({ clock: systemClock })
    for await (const { key } of this.#inner.list('')) {
      const found = await this.#inner.get(key)
      if (found.kind === 'found' && !taken(key)) await kept.put(key, found.body)
    }
    this.#inner = kept
  }

  get(key: string): Promise<GetResult> {
    return this.#inner.get(key)
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.#inner.head(key)
  }

  put(key: string, body: Uint8Array): Promise<PutResult> {
    return this.#inner.put(key, body)
  }

  putIfAbsent(key: string, body: Uint8Array): Promise<PutIfAbsentResult> {
    return this.#inner.putIfAbsent(key, body)
  }

  list(prefix: string, options?: { readonly startAfter?: string }): AsyncIterable<ObjectInfo> {
    return this.#inner.list(prefix, options)
  }

  newestAnswerMs(): number | undefined {
    return undefined
  }

  close(): Promise<void> {
    return this.#inner.close()
  }
}
