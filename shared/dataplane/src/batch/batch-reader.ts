import { createHash } from 'node:crypto'
import type { OversizedValue } from '@silt/core'
import type { SlabHandle } from '../scan/scan-exports.ts'
import { slabWord } from '../slab/slab-layout.ts'
import type { Engine } from '../wasm/engine.ts'
import { inflated } from './inflate.ts'
import { PlaneSlab } from './plane-slab.ts'

const HEADER_BYTES = 61
const RECORDS_FIRST = 4096
const OVERSIZED_WORDS = 3
/** Blocks of ever twice the size are tried until one holds what is decompressed, and none of them is given back to the others' sizes. */
const TOUCHED_PER_BYTE = 4
/** Of the slab's arrays, which grow in the same way. */
const TOUCHED_PER_RECORD = TOUCHED_PER_BYTE * 40

/** A record batch of format 2 whose header has been read and checked. */
export interface LocatedBatch {
  /** All of it, in the plane's memory or elsewhere. */
  readonly bytes: Uint8Array
  readonly codec: 'none' | 'gzip' | 'snappy' | 'lz4' | 'zstd'
  readonly recordCount: number
}

export interface BatchReaderLimits {
  /** Bytes of one batch after decompression; larger ones are refused. At most 128 MiB. */
  readonly batchBytesMax: number
  /** Records of one batch; more are refused. */
  readonly batchRecordsMax: number
  /** A longer value is not held; its length and digest are. */
  readonly recordBytesMax: number
}

/**
 * Collects the records of batches that stand in the plane's memory into one slab there. What it takes it takes exactly as the source's own
 * reader of batches would; whatever it refuses (malformed, too large, elsewhere, more than the plane can spare) is for that one to read, and to name what is wrong with it.
 *
 * One slab at a time: `add` after `take` overwrites what was taken, and so do the owners of the memory the batches stand in.
 */
export class BatchReader {
  readonly #plane: Engine
  readonly #partition: number
  readonly #limits: BatchReaderLimits
  readonly #spareBytes: () => number
  readonly #slab: SlabHandle
  #count = 0
  #sizeBytes = 0
  #oversized = new Map<number, OversizedValue>()
  #isTaken = false

  /** `spareBytes`: what one batch may take of the plane's memory, asked for each. */
  constructor(plane: Engine, partition: number, limits: BatchReaderLimits, spareBytes: () => number = () => Infinity) {
    this.#plane = plane
    this.#partition = partition
    this.#limits = limits
    this.#spareBytes = spareBytes
    this.#slab = plane.exports.newSlab(RECORDS_FIRST) >>> 0
  }

  /** Records since the last `take`. */
  get count(): number {
    return this.#count
  }

  get sizeBytes(): number {
    return this.#sizeBytes
  }

  /** The bytes' CRC-32C; undefined where they are not in the plane's memory. */
  crc32c(bytes: Uint8Array): number | undefined {
    if (bytes.buffer !== this.#plane.bytes.buffer) return undefined
    return this.#plane.exports.crc32c(bytes.byteOffset, bytes.length) >>> 0
  }

  /** Adds the batch's records with offsets in `[from, to)`, in ascending order of batches. False: refused, nothing is added. */
  add(batch: LocatedBatch, from: number, to: number): boolean {
    const { bytes, recordCount } = batch
    if (this.#isTaken) this.#clear()
    if (recordCount === 0) return true
    const { batchRecordsMax, batchBytesMax } = this.#limits
    if (bytes.buffer !== this.#plane.bytes.buffer || recordCount > batchRecordsMax) return false
    const spareBytes = this.#spareBytes() - recordCount * TOUCHED_PER_RECORD
    if (spareBytes < 0) return false
    const contentBytes = this.#content(batch, Math.min(batchBytesMax, Math.floor(spareBytes / TOUCHED_PER_BYTE)))
    if (contentBytes === undefined) return false
    const { walk } = this.#plane.exports
    if (walk(this.#slab, bytes.byteOffset, BigInt(from), BigInt(to), this.#limits.recordBytesMax) === 0) return false
    this.#noteOversized()
    this.#count = this.#plane.words[(this.#slab >>> 2) + slabWord.count] as number
    this.#sizeBytes += contentBytes
    return true
  }

  /** The slab covering `[start, nextOffset)`; the reader is empty after it. */
  take(start: number, nextOffset: number): PlaneSlab {
    if (this.#isTaken) this.#clear()
    this.#isTaken = true
    const { view } = this.#plane
    const range = { partition: this.#partition, start, nextOffset }
    view.setFloat64(this.#slab + 4 * slabWord.start, start, true)
    view.setFloat64(this.#slab + 4 * slabWord.nextOffset, nextOffset, true)
    view.setInt32(this.#slab + 4 * slabWord.partition, this.#partition, true)
    const slab = new PlaneSlab(this.#plane, this.#slab, range, {
      sizeBytes: this.#sizeBytes,
      oversized: this.#oversized,
    })
    this.#count = 0
    this.#sizeBytes = 0
    this.#oversized = new Map()
    return slab
  }

  /** Gives the memory back; slabs taken are gone with it. */
  close(): void {
    this.#plane.exports.releaseSlab(this.#slab)
  }

  /** Decompresses the batch; how many bytes of content it has, undefined where it is refused. */
  #content({ bytes, codec }: LocatedBatch, contentBytesMax: number): number | undefined {
    const { exports, bytes: memory } = this.#plane
    if (codec !== 'gzip' && codec !== 'zstd') {
      const end = bytes.byteOffset + bytes.length
      const length = exports.inflate(this.#slab, bytes.byteOffset, end, contentBytesMax)
      return length < 0 ? undefined : length
    }
    const content = inflated(codec, bytes.subarray(HEADER_BYTES), contentBytesMax)
    if (content === undefined) return undefined
    memory.set(content, exports.receive(this.#slab, content.length) >>> 0)
    return content.length
  }

  #noteOversized(): void {
    const { exports, bytes, words } = this.#plane
    const count = exports.oversizedCount()
    for (let index = 0, word = exports.oversized() >>> 2; index < count; index++, word += OVERSIZED_WORDS) {
      const [row, at, lengthBytes] = words.subarray(word, word + OVERSIZED_WORDS) as unknown as [number, number, number]
      const sha256Hex = createHash('sha256')
        .update(bytes.subarray(at, at + lengthBytes))
        .digest('hex')
      this.#oversized.set(row, { lengthBytes, sha256Hex })
    }
  }

  #clear(): void {
    this.#plane.exports.clearSlab(this.#slab)
    this.#isTaken = false
  }
}
