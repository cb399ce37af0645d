import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { SiltError, type GetResult, type ObjectInfo, type ObjectStore, type PutIfAbsentResult } from '@silt/core'

/** All that can go wrong with one conditional put. */
export const putFaults = ['lost-before', 'lost-after', 'lands-late', 'retried-after', 'claims-created', 'away'] as const

/** What goes wrong with one conditional put. */
export type PutFault = 'none' | (typeof putFaults)[number]

/** An object store in memory whose conditional puts can go wrong the ways real ones do. */
export class TestStore implements ObjectStore {
  readonly location = 'memory:'
  readonly objects = new Map<string, { body: Uint8Array; modifiedMs: number }>()
  readonly requests: string[] = []
  nowMs = 1_700_000_000_000
  #late: { key: string; body: Uint8Array; atRequest: number }[] = []
  /** Asked before each conditional put. */
  putFault: (key: string) => PutFault = () => 'none'
  /** Runs before each request: a turn for others, or a fault to throw. */
  before: (request: string, key: string) => Promise<void> | void = () => undefined

  async get(
    key: string,
    range?: { readonly startByte: number; readonly endByteExclusive: number },
  ): Promise<GetResult> {
    await this.#request('get', key)
    const found = this.objects.get(key)
    if (found === undefined) return { kind: 'missing' }
    return { kind: 'found', body: found.body.subarray(range?.startByte, range?.endByteExclusive) }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    await this.#request('head', key)
    const found = this.objects.get(key)
    return found === undefined ? undefined : { key, sizeBytes: found.body.length, modifiedMs: found.modifiedMs }
  }

  async put(key: string, body: Uint8Array): Promise<{ storeTimeMs: number }> {
    await this.#request('put', key)
    return { storeTimeMs: this.#write(key, body) }
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<PutIfAbsentResult> {
    await this.#request('putIfAbsent', key)
    const fault = this.putFault(key)
    if (fault === 'away') throw new SiltError('unavailable', 'store/unavailable', 'the store is away')
    if (fault === 'lost-before') return { kind: 'unknown', cause: new Error('connection reset') }
    if (fault === 'lands-late') {
      this.#late.push({ key, body: body.slice(), atRequest: this.requests.length + 3 })
      return { kind: 'unknown', cause: new Error('connection reset') }
    }
    if (this.objects.has(key)) {
      if (fault === 'claims-created') return { kind: 'created', storeTimeMs: this.nowMs }
      return fault === 'lost-after' ? { kind: 'unknown', cause: new Error('connection reset') } : { kind: 'exists' }
    }
    const storeTimeMs = this.#write(key, body)
    if (fault === 'lost-after') return { kind: 'unknown', cause: new Error('connection reset') }
    return fault === 'retried-after' ? { kind: 'exists' } : { kind: 'created', storeTimeMs }
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectInfo> {
    await this.#request('list', prefix)
    const after = options.startAfter ?? ''
    const keys = [...this.objects.keys()].filter((key) => key.startsWith(prefix) && key > after)
    keys.sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
    for (const key of keys) {
      const found = this.objects.get(key)
      if (found !== undefined) yield { key, sizeBytes: found.body.length, modifiedMs: found.modifiedMs }
    }
  }

  newestAnswerMs(): number {
    return this.nowMs
  }

  async close(): Promise<void> {
    await Promise.resolve()
  }

  /** Puts text at once, past faults. */
  seed(key: string, text: string): void {
    this.#write(key, new TextEncoder().encode(text))
  }

  text(key: string): string {
    return new TextDecoder().decode(this.objects.get(key)?.body)
  }

  copy(): TestStore {
    const copy = new TestStore()
    for (const [key, each] of this.objects) copy.objects.set(key, each)
    copy.nowMs = this.nowMs
    return copy
  }

  #write(key: string, body: Uint8Array): number {
    this.nowMs += 1
    this.objects.set(key, { body: body.slice(), modifiedMs: this.nowMs })
    return this.nowMs
  }

  async #request(request: string, key: string): Promise<void> {
    this.requests.push(`${request} ${key}`)
    for (const late of this.#late.filter((each) => each.atRequest <= this.requests.length))
      if (!this.objects.has(late.key)) this.#write(late.key, late.body)
    this.#late = this.#late.filter((each) => each.atRequest > this.requests.length)
    await this.before(request, key)
  }
}

/** A folder's files, all of them, as a store. */
export async function storeOfFolder(folder: string): Promise<TestStore> {
  const store = new TestStore()
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    const path = join(entry.parentPath, entry.name)
    const key = path.slice(folder.length).replaceAll('\\', '/').replace(/^\/+/, '')
    store.objects.set(key, { body: await readFile(path), modifiedMs: 0 })
  }
  return store
}
