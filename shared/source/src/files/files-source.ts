import { open, readdir, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import {
  SiltError,
  type PartitionEnds,
  type ReadRequest,
  type RecordSlab,
  type Source,
  type TopicPartition,
} from '@silt/core'
import { outOfRange, topicChanged, topicMissing } from '../errors.ts'
import { fileError, isMissing } from './file-error.ts'
import { fileTopicId } from './line.ts'
import { lineSlabs, type SlabBounds } from './line-slabs.ts'
import { findReadableEnd, isCurrent, type FileState, type KnownEnd } from './readable-end.ts'

export interface FilesSourceOptions {
  /** TOPICS_DIR: holds `<topic>/<partition>.ndjson`. */
  readonly topicsDir: string
  /** RECORD_BYTES_MAX: a longer line is reported by length and sha256. */
  readonly recordBytesMax: number
  /** Bytes read for one slab (default 4 MiB). */
  readonly slabBytesMax?: number
}

const slabBytesMaxDefault = 4 * 1024 * 1024
const slabRecordsMax = 65_536
const partitionFile = /^(0|[1-9][0-9]{0,8})\.ndjson$/

/**
 * A folder of growing NDJSON files as a source (architecture.md § 2).
 *
 * 1. An offset is the byte position of a line; a line belongs to the range that holds its first byte.
 * 2. The readable end is the byte after the last newline: a line being written is never handed out.
 * 3. A record's value is its line without the newline and without one carriage return before it; a blank line is an empty value.
 * 4. A partition's topic id is made from its first line; a partition appears once that line is whole.
 *
 * A partition whose file has gone reads as one with readable end 0. Files may grow or be replaced while they are read.
 */
export class FilesSource implements Source {
  readonly kind = 'files'
  readonly offsetUnit = 'byte'
  readonly #topicsDir: string
  readonly #bounds: SlabBounds
  /** One entry a partition file seen, so bounded by the files there are. */
  readonly #knownEnds = new Map<string, KnownEnd>()

  constructor(options: FilesSourceOptions) {
    this.#topicsDir = options.topicsDir
    this.#bounds = Object.freeze({
      slabBytesMax: options.slabBytesMax ?? slabBytesMaxDefault,
      slabRecordsMax,
      recordBytesMax: options.recordBytesMax,
    })
  }

  async partitions(topic: string): Promise<readonly TopicPartition[] | undefined> {
    const numbers = await this.#partitionNumbers(topic)
    if (numbers === undefined) return undefined
    const found: TopicPartition[] = []
    for (const partition of numbers) {
      const topicId = await this.#withFile(topic, partition, (file) => fileTopicId(file))
      if (topicId !== undefined) found.push({ partition, topicId })
    }
    return found
  }

  async ends(topic: string, partitions: readonly number[]): Promise<readonly PartitionEnds[]> {
    await this.#requireTopic(topic)
    const ends: PartitionEnds[] = []
    for (const partition of partitions)
      ends.push({ partition, logStart: 0, readableEnd: await this.#readableEnd(topic, partition) })
    return ends
  }

  /** Lines carry no time of their own: always the log start. */
  async offsetAtTime(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    await this.#requireTopic(topic)
    return new Map(partitions.map((partition) => [partition, 0]))
  }

  async *read(request: ReadRequest, signal: AbortSignal): AsyncGenerator<RecordSlab> {
    signal.throwIfAborted()
    const { topic, partition } = request
    await this.#requireTopic(topic)
    const file = await this.#open(topic, partition)
    if (file === undefined) throw outOfRange(topic, request, 0, 0)
    try {
      await this.#requireSameLog(file, request, signal)
      const readableEnd = await this.#readableEnd(topic, partition, file)
      if (request.endExclusive > readableEnd) throw outOfRange(topic, request, 0, readableEnd)
      const onCut = async (): Promise<Error> =>
        outOfRange(topic, request, 0, await this.#readableEnd(topic, partition, file))
      yield* lineSlabs(file, request, this.#bounds, signal, onCut)
    } catch (error) {
      throw fileError(error, this.#path(topic, partition))
    } finally {
      await file.close()
    }
    await this.#requireSameName(request, signal)
  }

  close(): Promise<void> {
    this.#knownEnds.clear()
    return Promise.resolve()
  }

  async #requireSameLog(file: FileHandle, request: ReadRequest, signal: AbortSignal): Promise<void> {
    if (request.topicId === null) return
    const found = await fileTopicId(file, signal)
    if (found === undefined) throw outOfRange(request.topic, request, 0, 0)
    if (found !== request.topicId) throw topicChanged(request.topic, request.partition, request.topicId, found)
  }

  /** The open file outlives a replacement of its name, so the name is looked up again. */
  async #requireSameName(request: ReadRequest, signal: AbortSignal): Promise<void> {
    const { topic, partition, topicId } = request
    if (topicId === null) return
    const same = async (file: FileHandle): Promise<true> => {
      await this.#requireSameLog(file, request, signal)
      return true
    }
    const found = await this.#withFile(topic, partition, same)
    if (found === undefined) throw topicChanged(topic, partition, topicId, null)
  }

  async #readableEnd(topic: string, partition: number, file?: FileHandle): Promise<number> {
    const path = this.#path(topic, partition)
    try {
      const known = this.#knownEnds.get(path)
      const state = fileState(file === undefined ? await stat(path) : await file.stat())
      if (known !== undefined && isCurrent(known, state)) return known.readableEnd
      const find = (handle: FileHandle): Promise<KnownEnd> => findReadableEnd(handle, state, known)
      const found = file === undefined ? await this.#withFile(topic, partition, find) : await find(file)
      if (found === undefined) return 0
      this.#knownEnds.set(path, found)
      return found.readableEnd
    } catch (error) {
      if (isMissing(error)) return 0
      throw fileError(error, path)
    }
  }

  /** The value of `use` with the partition's file; undefined where there is no such file. */
  async #withFile<T>(topic: string, partition: number, use: (file: FileHandle) => Promise<T>): Promise<T | undefined> {
    const file = await this.#open(topic, partition)
    if (file === undefined) return undefined
    try {
      return await use(file)
    } catch (error) {
      throw fileError(error, this.#path(topic, partition))
    } finally {
      await file.close()
    }
  }

  async #open(topic: string, partition: number): Promise<FileHandle | undefined> {
    const path = this.#path(topic, partition)
    try {
      return await open(path, 'r')
    } catch (error) {
      if (isMissing(error)) return undefined
      throw fileError(error, path)
    }
  }

  async #partitionNumbers(topic: string): Promise<readonly number[] | undefined> {
    const folder = this.#folder(topic)
    try {
      const names = await readdir(folder, { withFileTypes: true })
      return names
        .filter((name) => !name.isDirectory())
        .map((name) => partitionFile.exec(name.name)?.[1])
        .filter((digits) => digits !== undefined)
        .map(Number)
        .sort((a, b) => a - b)
    } catch (error) {
      if (isMissing(error)) return undefined
      throw fileError(error, folder)
    }
  }

  async #requireTopic(topic: string): Promise<void> {
    const folder = this.#folder(topic)
    const found = await stat(folder).catch((error: unknown) => {
      if (isMissing(error)) return undefined
      throw fileError(error, folder)
    })
    if (found === undefined || !found.isDirectory()) throw topicMissing('files', topic, this.#topicsDir)
  }

  #folder(topic: string): string {
    if (!/^[A-Za-z0-9._-]{1,249}$/.test(topic) || topic === '.' || topic === '..')
      throw new SiltError(
        'invalid',
        'source/denied',
        `"${topic}" is not a topic name: letters, digits, ".", "_" and "-"`,
      )
    return join(this.#topicsDir, topic)
  }

  #path(topic: string, partition: number): string {
    return join(this.#folder(topic), `${partition}.ndjson`)
  }
}

function fileState(found: { readonly ino: number; readonly mtimeMs: number; readonly size: number }): FileState {
  return { inode: found.ino, modifiedMs: found.mtimeMs, sizeBytes: found.size }
}
