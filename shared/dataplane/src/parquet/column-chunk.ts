import type { Engine } from '../wasm/engine.ts'
import type { LeafSink, PlanePage } from '../wasm/exports.ts'
import { releasePacked, type Codec } from './codec.ts'
import { encoding, pageType } from './format.ts'
import type { LeafColumn } from './schema-tree.ts'
import { ThriftWriter } from './thrift-writer.ts'
import { boundsOfPage, union, type ValueBounds } from './value-bounds.ts'

/** A page as it stands in the file: header, then compressed bytes, which are in the plane's memory. */
export interface WrittenPage {
  readonly header: Buffer
  readonly body: Buffer
  readonly sizeBytes: number
  readonly rowCount: number
  readonly nullCount: number
  readonly isAllNull: boolean
  readonly bounds: ValueBounds | undefined
  readonly encoding: number
}

/** A column chunk, not yet placed in a file. Whoever has it releases its blocks (`releaseChunk`). */
export interface ColumnChunk {
  readonly leaf: LeafColumn
  readonly dictionary: readonly [header: Buffer, body: Buffer] | undefined
  readonly pages: readonly WrittenPage[]
  readonly encodings: readonly number[]
  readonly codecId: number
  readonly valueCount: number
  readonly nullCount: number
  readonly listNullCount: number
  readonly hasNan: boolean
  readonly bounds: ValueBounds | undefined
  readonly plainBytes: number
  readonly sizeBytes: number
  /** The filter's bits, of a column that has one. */
  readonly bloom: Buffer | undefined
}

/** A page before it is compressed. */
type LevelsOnly = Omit<PlanePage, 'at' | 'length'> & { readonly levels: Buffer }

/**
 * Gathers what one leaf of the plane gives away, compressing as it comes; `take` after the leaf's `endChunk`.
 *
 * Pages of a list's chunk that have no value yet wait for the first that has one, and are encoded as it is: Spark's vectorized reader loses its place in a
 * list whose indices follow a page without.
 */
export class ColumnChunkBuilder implements LeafSink {
  readonly #engine: Engine
  readonly #leaf: LeafColumn
  readonly #codec: Codec
  readonly #bloomBytesMax: number
  #parts = empty()
  #waiting: LevelsOnly[] = []
  #hasValues = false

  constructor(engine: Engine, leaf: LeafColumn, codec: Codec, bloomBytesMax: number) {
    this.#engine = engine
    this.#leaf = leaf
    this.#codec = codec
    this.#bloomBytesMax = bloomBytesMax
  }

  /** Compressed bytes held. */
  get sizeBytes(): number {
    return this.#parts.sizeBytes
  }

  page(page: PlanePage): void {
    if (this.#leaf.repeatMax > 0 && !this.#hasValues) {
      if (page.present === 0) {
        const levels = Buffer.from(this.#engine.bytes.subarray(page.at, page.at + page.length))
        this.#waiting.push({ ...page, levels })
        return
      }
      this.#settle(page.encoding === encoding.rleDictionary ? encoding.rleDictionary : encoding.plain)
    }
    this.#add(page)
  }

  /** No indices are their bit width alone. */
  #settle(as: number): void {
    this.#hasValues = true
    for (const { levels, ...page } of this.#waiting) {
      const body = as === encoding.rleDictionary ? Buffer.concat([levels, Buffer.of(1)]) : levels
      const at = this.#engine.copyIn(body)
      this.#add({ ...page, encoding: as, at, length: body.length })
      this.#engine.exports.release(at)
    }
    this.#waiting = []
  }

  #add(page: PlanePage): void {
    const parts = this.#parts
    const bounds = boundsOfPage(this.#engine.bytes, page)
    const body = this.#codec.compress(page.at, page.length)
    const header = dataPageHeader(page, body.byteLength)
    const nullCount = page.slots - page.present
    parts.pages.push({
      header,
      body,
      sizeBytes: header.byteLength + body.byteLength,
      rowCount: page.rows,
      nullCount,
      isAllNull: page.present === 0,
      bounds,
      encoding: page.encoding,
    })
    parts.encodings.add(page.encoding)
    parts.valueCount += page.slots
    parts.nullCount += nullCount
    parts.listNullCount += page.listNulls
    parts.hasNan ||= (page.flags & 2) !== 0
    parts.bounds = union(this.#leaf.physical, parts.bounds, bounds)
    parts.plainBytes += header.byteLength + page.length
    parts.sizeBytes += header.byteLength + body.byteLength
  }

  dictionary(at: number, length: number, count: number): void {
    const parts = this.#parts
    const body = this.#codec.compress(at, length)
    const header = dictionaryPageHeader(length, body.byteLength, count)
    parts.dictionary = [header, body]
    parts.encodings.add(encoding.plain)
    parts.plainBytes += header.byteLength + length
    parts.sizeBytes += header.byteLength + body.byteLength
  }

  hashes(at: number, count: number): void {
    const { alloc, release, bloomInsert } = this.#engine.exports
    const length = bloomBytes(count, this.#bloomBytesMax)
    const filter = alloc(length) >>> 0
    this.#engine.bytes.fill(0, filter, filter + length)
    bloomInsert(at, count, filter, length)
    this.#parts.bloom = Buffer.from(this.#engine.bytes.subarray(filter, filter + length))
    release(filter)
  }

  /** Lets go of what was not taken. */
  release(): void {
    releaseChunk(this.#engine, this.#parts)
    this.#begin()
  }

  take(): ColumnChunk {
    if (!this.#hasValues) this.#settle(encoding.plain)
    const { pages, encodings, ...counts } = this.#parts
    this.#begin()
    return {
      leaf: this.#leaf,
      codecId: this.#codec.id,
      ...counts,
      pages,
      encodings: [...encodings].sort((a, b) => a - b),
    }
  }

  #begin(): void {
    this.#parts = empty()
    this.#waiting = []
    this.#hasValues = false
  }
}

/** Gives back what the chunk's pages hold of the plane's memory. */
export function releaseChunk(engine: Engine, chunk: Pick<ColumnChunk, 'dictionary' | 'pages'>): void {
  if (chunk.dictionary !== undefined) releasePacked(engine, chunk.dictionary[1])
  for (const { body } of chunk.pages) releasePacked(engine, body)
}

function empty() {
  return {
    dictionary: undefined as readonly [Buffer, Buffer] | undefined,
    pages: [] as WrittenPage[],
    // Levels are always run-length encoded.
    encodings: new Set<number>([encoding.rle]),
    valueCount: 0,
    nullCount: 0,
    listNullCount: 0,
    hasNan: false,
    bounds: undefined as ValueBounds | undefined,
    plainBytes: 0,
    sizeBytes: 0,
    bloom: undefined as Buffer | undefined,
  }
}

/** A power of two with about 10 bits a value: one of a hundred absent values is taken for present. */
function bloomBytes(valueCount: number, bytesMax: number): number {
  let bytes = 32
  while (bytes * 8 < valueCount * 10 && bytes * 2 <= bytesMax) bytes *= 2
  return bytes
}

function dataPageHeader(page: PlanePage, compressedBytes: number): Buffer {
  const thrift = new ThriftWriter(32)
  thrift.i32(1, pageType.data)
  thrift.i32(2, page.length)
  thrift.i32(3, compressedBytes)
  thrift.begin(5)
  thrift.i32(1, page.slots)
  thrift.i32(2, page.encoding)
  thrift.i32(3, encoding.rle)
  thrift.i32(4, encoding.rle)
  thrift.end()
  return thrift.finish()
}

function dictionaryPageHeader(plainBytes: number, compressedBytes: number, count: number): Buffer {
  const thrift = new ThriftWriter(32)
  thrift.i32(1, pageType.dictionary)
  thrift.i32(2, plainBytes)
  thrift.i32(3, compressedBytes)
  thrift.begin(7)
  thrift.i32(1, count)
  thrift.i32(2, encoding.plain)
  thrift.end()
  return thrift.finish()
}
