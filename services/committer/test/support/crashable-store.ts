import type { GetResult, ObjectInfo, ObjectStore, PutIfAbsentResult, PutResult } from '@silt/core'

/** Shared by the stores of one process: it dies before or after its n-th call, the calls of all its stores counted together. */
export class Doom {
  calls = 0
  readonly #at: number
  readonly #when: 'before' | 'after'
  #dead = false

  constructor(at: number, when: 'before' | 'after') {
    this.#at = at
    this.#when = when
  }

  get dead(): boolean {
    return this.#dead
  }

  /** True when the call is not to take place. */
  next(): boolean {
    const due = this.calls++ === this.#at
    this.#dead ||= due
    return due && this.#when === 'before'
  }
}

/** A store as seen by a process that can die: what it has sent takes place or not, as the store pleases, but no answer reaches the dead. */
export class CrashableStore implements ObjectStore {
  readonly location: string
  readonly #inner: ObjectStore
  readonly #doom: Doom | undefined
  #crashed = false

  constructor(inner: ObjectStore, doom?: Doom) {
    this.location = inner.location
    this.#inner = inner
    this.#doom = doom
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
    if (this.#isDead() || this.#doom?.next() === true) return never()
    return call().then(
      (value) => (this.#isDead() ? never<T>() : value),
      (error: unknown) => (this.#isDead() ? never<T>() : Promise.reject(error as Error)),
    )
  }

  #isDead(): boolean {
    return this.#crashed || this.#doom?.dead === true
  }
}

function never<T>(): Promise<T> {
  return new Promise(() => undefined)
}
