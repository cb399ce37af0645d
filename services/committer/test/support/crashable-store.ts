import type { GetResult, ObjectInfo, ObjectStore, PutIfAbsentResult, PutResult } from '@silt/core'

/** A store as seen by a process that can die: what it has sent takes place or not, as the store pleases, but no answer reaches the dead. */
export class CrashableStore implements ObjectStore {
  readonly location: string
  readonly #inner: ObjectStore
  #crashed = false

  constructor(inner: ObjectStore) {
    this.location = inner.location
    this.#inner = inner
  }

  crash(): void {
    this.#crashed = true
  }

  get(key: string): Promise<GetResult> {
    return this.#alive(() => this.#inner.get(key))
  }

  head(key: string): Promise<ObjectInfo | undefined> {
    return this.#alive(() => this.#inner.head(key))
  }

  put(key: string, body: Uint8Array): Promise<PutResult> {
    return this.#alive(() => this.#inner.put(key, body))
  }

  putIfAbsent(key: string, body: Uint8Array): Promise<PutIfAbsentResult> {
    return this.#alive(() => this.#inner.putIfAbsent(key, body))
  }

  async *list(prefix: string, options?: { readonly startAfter?: string }): AsyncIterable<ObjectInfo> {
    for await (const info of this.#inner.list(prefix, options)) yield await this.#alive(() => Promise.resolve(info))
  }

  newestAnswerMs(): number | undefined {
    return this.#inner.newestAnswerMs()
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  #alive<T>(call: () => Promise<T>): Promise<T> {
    if (this.#crashed) return never()
    return call().then(
      (value) => (this.#crashed ? never<T>() : value),
      (error: unknown) => (this.#crashed ? never<T>() : Promise.reject(error as Error)),
    )
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}
