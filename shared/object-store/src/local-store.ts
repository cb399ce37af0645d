import { open } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import type {
  Clock,
  GetResult,
  ObjectInfo,
  ObjectRemoval,
  ObjectStore,
  PutIfAbsentResult,
  PutResult,
  Random,
} from '@silt/core'
import { SiltError } from '@silt/core'
import { requireObjectBytes, requireRange, type ByteRange } from './byte-range.ts'
import { errnoOf, isAbsence, localError } from './local-errors.ts'
import { fileInfo, listFolder } from './local-list.ts'
import { isTemporaryName, LocalWriter } from './local-write.ts'
import { requireKey, requirePrefix } from './object-key.ts'

export interface LocalStoreOptions {
  readonly folder: string
  readonly clock: Clock
  /** Names temporary files, so it must differ between processes. */
  readonly random: Random
  /** Names of one folder a listing holds in memory. */
  readonly pageNamesMax?: number
}

/**
 * A folder as a store; it is made by the first put. Safe for several processes at once and across a power cut.
 * `store/no-put-if-absent` (unsupported) where the file system has no hard links. The store's clock is the machine's.
 */
export class LocalStore implements ObjectStore, ObjectRemoval {
  readonly location: string
  readonly #clock: Clock
  readonly #writer: LocalWriter
  readonly #pageNamesMax: number
  #newestAnswerMs: number | undefined

  constructor(options: LocalStoreOptions) {
    this.location = resolve(options.folder)
    this.#clock = options.clock
    this.#writer = new LocalWriter(this.location, options.random)
    this.#pageNamesMax = options.pageNamesMax ?? 50_000
  }

  async get(key: string, range?: ByteRange): Promise<GetResult> {
    const path = this.#path(key)
    if (range !== undefined) requireRange(range)
    try {
      const body = await readBytes(path, range)
      this.#answer()
      return body === undefined ? { kind: 'missing' } : { kind: 'found', body }
    } catch (error) {
      throw localError(error, { does: 'read', path })
    }
  }

  async head(key: string): Promise<ObjectInfo | undefined> {
    this.#path(key)
    const info = await fileInfo(this.location, key)
    this.#answer()
    return info
  }

  async put(key: string, body: Uint8Array): Promise<PutResult> {
    requireObjectBytes(body.byteLength, 'an object')
    return { storeTimeMs: this.#answer(await this.#writer.replace(this.#path(key), body)) }
  }

  async putIfAbsent(key: string, body: Uint8Array): Promise<PutIfAbsentResult> {
    requireObjectBytes(body.byteLength, 'an object')
    const result = await this.#writer.create(this.#path(key), body)
    this.#answer(result.kind === 'created' ? result.storeTimeMs : undefined)
    return result
  }

  async *list(prefix: string, options: { readonly startAfter?: string } = {}): AsyncIterable<ObjectInfo> {
    requirePrefix(prefix)
    const startAfter = options.startAfter ?? ''
    const pages = listFolder({ root: this.location, prefix, startAfter, pageNamesMax: this.#pageNamesMax })
    for await (const info of pages) {
      this.#answer()
      yield info
    }
    this.#answer()
  }

  async remove(key: string): Promise<void> {
    await this.#writer.remove(this.#path(key))
    this.#answer()
  }

  newestAnswerMs(): number | undefined {
    return this.#newestAnswerMs
  }

  async close(): Promise<void> {}

  #path(key: string): string {
    requireKey(key)
    const name = key.slice(key.lastIndexOf('/') + 1)
    // On Windows `\` and `:` are more than letters of a name.
    const leavesRoot = process.platform === 'win32' && /[\\:]/.test(key)
    if (!isTemporaryName(name) && !leavesRoot) return join(this.location, key)
    throw new SiltError('invalid', 'store/invalid-key', `${JSON.stringify(key)} is a name this store keeps to itself`)
  }

  #answer(modifiedMs?: number): number {
    this.#newestAnswerMs = modifiedMs ?? Math.floor(this.#clock.nowMs())
    return this.#newestAnswerMs
  }
}

async function readBytes(path: string, range: ByteRange | undefined): Promise<Uint8Array | undefined> {
  const file = await open(path, 'r').catch((error: unknown) => {
    if (isAbsence(error) || errnoOf(error) === 'EISDIR') return undefined
    throw error
  })
  if (file === undefined) return undefined
  try {
    const found = await file.stat()
    if (!found.isFile()) return undefined
    const startByte = Math.min(range?.startByte ?? 0, found.size)
    const endByteExclusive = Math.min(range?.endByteExclusive ?? found.size, found.size)
    requireObjectBytes(endByteExclusive - startByte, path)
    const body = new Uint8Array(endByteExclusive - startByte)
    let filledBytes = 0
    while (filledBytes < body.byteLength) {
      const { bytesRead } = await file.read(body, filledBytes, body.byteLength - filledBytes, startByte + filledBytes)
      if (bytesRead === 0)
        throw new SiltError('unavailable', 'store/unavailable', `${path} became shorter while it was read`)
      filledBytes += bytesRead
    }
    return body
  } finally {
    await file.close()
  }
}
