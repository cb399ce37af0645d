import type { Clock, GetResult, ObjectInfo, ObjectRemoval, ObjectStore, PutIfAbsentResult, PutResult } from '@silt/core'
import { requireObjectBytes, requireRange, type ByteRange } from './byte-range.ts'
import { compareKeys, requireKey, requirePrefix } from './object-key.ts'

interface StoredObject {
  readonly body: Uint8Array
  readonly modifiedMs: number
}

/** A store in this process's memory, for tests and trials; its clock is the one handed in. It never fails: see `FaultyStore`. */
export class MemoryStore implements ObjectStore, ObjectRemoval {
  readonly location: string
  readonly #clock: Clock
  readonly #objects = new Map<string, StoredObject>()
  /** The keys of `#objects` in order. */
  readonly #keys: string[] = []
  #newestAnswerMs: number | undefined

  constructor(options: { readonly clock: Clock; readonly location?: string }) {
    this.#clock = options.clock
    this.location = options.location ?? 'memory'
  }

  async get(key: string, range?: ByteRange): Promise<GetResult> {
    requireKey(key)
    if (range !== undefined) requireRange(range)
    this.#answer()
    const found = this.#objects.get(key)
    if (found === undefined) return { kind: 'missing' }
    return { kind: 'found', body: found.body.slice(range?.startByte, range?.endByteExclusive) }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    requireKey(key)
    this.#answer()
    return this.#info(key)
  }

  async put(key: string, body: Uint8Array): Promise<PutResult> {
    return { storeTimeMs: this.#write(key, body) }
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<PutIfAbsentResult> {
    if (!this.#objects.has(key)) return { kind: 'created', storeTimeMs: this.#write(key, body) }
    this.#answer()
    return { kind: 'exists' }
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectInfo> {
    requirePrefix(prefix)
    this.#answer()
    let after = options.startAfter ?? ''
    if (compareKeys(after, prefix) < 0) {
      const exact = this.#info(prefix)
      if (exact !== undefined) yield exact
      after = prefix
    }
    // Looked up anew at each step: objects put while the listing is read may show, as in any store.
    for (;;) {
      const key = this.#keys[firstAfter(this.#keys, after)]
      if (key === undefined || !key.startsWith(prefix)) return
      const info = this.#info(key)
      if (info !== undefined) yield info
      after = key
    }
  }

  newestAnswerMs(): number | undefined {
    return this.#newestAnswerMs
  }

  async close(): Promise<void> {}

  async remove(key: string): Promise<void> {
    requireKey(key)
    this.#answer()
    this.removeAsAnother(key)
  }

  /** What another engine's vacuum or clean-up does: no answer of ours. */
  removeAsAnother(key: string): void {
    if (!this.#objects.delete(key)) return
    this.#keys.splice(firstAfter(this.#keys, key) - 1, 1)
  }

  #write(key: string, body: Uint8Array): number {
    requireKey(key)
    requireObjectBytes(body.byteLength, 'an object')
    const modifiedMs = this.#answer()
    if (!this.#objects.has(key)) this.#keys.splice(firstAfter(this.#keys, key), 0, key)
    this.#objects.set(key, { body: new Uint8Array(body), modifiedMs })
    return modifiedMs
  }

  #info(key: string): ObjectInfo | undefined {
    const found = this.#objects.get(key)
    return found && { key, sizeBytes: found.body.byteLength, modifiedMs: found.modifiedMs }
  }

  #answer(): number {
    const nowMs = this.#clock.nowMs()
    this.#newestAnswerMs = nowMs
    return nowMs
  }
}

/** Index of the first key greater than `key`. */
function firstAfter(keys: readonly string[], key: string): number {
  let low = 0
  let high = keys.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareKeys(keys[middle] ?? '', key) > 0) high = middle
    else low = middle + 1
  }
  return low
}
