import { constants, zstdCompressSync } from 'node:zlib'
import { assert, type ColumnBatch, type OpenParquetFile, type ParquetFileWriter, type StructType } from '@silt/core'
import { CompactWriter, thrift } from './compact-writer.ts'
import { fileSchema, type WrittenLeaf } from './file-schema.ts'
import { pagesOf, type PlainPage } from './page.ts'
import { shred } from './shred.ts'

export interface StreamedParquetWriterOptions {
  /** Rows in one row group at most. */
  readonly rowGroupRowsMax?: number
  /** Bytes in one row group before compression, roughly, at most. */
  readonly rowGroupBytesMax?: number
  readonly zstdLevel?: number
}

/**
 * Writes Parquet a batch at a time: plain values, zstd, null counts, no dictionaries and no bounds. For files that are read as a whole, such as
 * checkpoints: what is in memory is what was compressed so far. Every type but decimals of more than 18 digits, `timestamp_ntz` and lists within lists
 * (`parquet/unsupported-type`, unsupported).
 */
export class StreamedParquetWriter implements ParquetFileWriter {
  readonly #options: Required<StreamedParquetWriterOptions>

  constructor(options: StreamedParquetWriterOptions = {}) {
    this.#options = { rowGroupRowsMax: 131_072, rowGroupBytesMax: 64 * 1024 * 1024, zstdLevel: 1, ...options }
  }

  open(schema: StructType): OpenParquetFile {
    return new StreamedFile(schema, this.#options)
  }
}

interface Chunk {
  readonly pages: Uint8Array[]
  /** Until it is known whether compressing pays: a compressor is made anew for each page, and most columns of a checkpoint are empty. */
  waiting: PlainPage[] | undefined
  entries: number
  nulls: number
  plainBytes: number
  packedBytes: number
}

interface RowGroup {
  readonly rows: number
  readonly chunks: readonly (Chunk & { readonly at: number })[]
}

const magic = Buffer.from('PAR1')
const encoding = { plain: 0, rle: 3 } as const
const codec = { none: 0, zstd: 6 } as const
/** Chunks of fewer bytes are not compressed. */
const packedBytesMin = 1024

class StreamedFile implements OpenParquetFile {
  readonly #options: Required<StreamedParquetWriterOptions>
  readonly #schema: ReturnType<typeof fileSchema>
  readonly #parts: Uint8Array[] = [magic]
  readonly #groups: RowGroup[] = []
  #open: Chunk[]
  #openRows = 0
  #sizeBytes = magic.length

  constructor(schema: StructType, options: Required<StreamedParquetWriterOptions>) {
    this.#options = options
    this.#schema = fileSchema(schema)
    this.#open = this.#schema.leaves.map(emptyChunk)
  }

  get sizeBytes(): number {
    return this.#sizeBytes + this.#open.reduce((sum, { packedBytes }) => sum + packedBytes, 0)
  }

  write(batch: ColumnBatch): void {
    const entries = shred(batch)
    this.#schema.leaves.forEach((leaf, index) => {
      const chunk = this.#open[index]
      const these = entries[index]
      assert(chunk !== undefined && these !== undefined, 'a batch has the leaves of its file')
      for (const page of pagesOf(leaf, these)) addPage(chunk, page, this.#options.zstdLevel)
    })
    this.#openRows += batch.rowCount
    const bytes = this.#open.reduce((sum, { plainBytes }) => sum + plainBytes, 0)
    if (this.#openRows >= this.#options.rowGroupRowsMax || bytes >= this.#options.rowGroupBytesMax) this.endRowGroup()
  }

  endRowGroup(): void {
    if (this.#openRows === 0) return
    const chunks = this.#open.map((chunk) => {
      for (const page of chunk.waiting ?? []) putPage(chunk, page, page.bytes)
      const at = this.#sizeBytes
      this.#parts.push(...chunk.pages)
      this.#sizeBytes += chunk.packedBytes
      return { ...chunk, pages: [], waiting: chunk.waiting && [], at }
    })
    this.#groups.push({ rows: this.#openRows, chunks })
    this.#open = this.#schema.leaves.map(emptyChunk)
    this.#openRows = 0
  }

  finish(): Uint8Array {
    this.endRowGroup()
    const footer = this.#footer()
    const tail = Buffer.alloc(8)
    tail.writeUInt32LE(footer.length)
    tail.set(magic, 4)
    this.#parts.push(footer, tail)
    const bytes = new Uint8Array(this.#sizeBytes + footer.length + tail.length)
    let at = 0
    // Each part is let go of once it is copied.
    for (let index = 0; index < this.#parts.length; index++) {
      const part = this.#parts[index] as Uint8Array
      bytes.set(part, at)
      at += part.length
      this.#parts[index] = magic
    }
    this.#parts.length = 0
    return bytes
  }

  #footer(): Uint8Array {
    const footer = new CompactWriter()
    footer.i32(1, 1)
    this.#schema.write(footer)
    footer.i64(
      3,
      this.#groups.reduce((sum, { rows }) => sum + rows, 0),
    )
    footer.list(4, thrift.struct, this.#groups.length)
    for (const { rows, chunks } of this.#groups) {
      footer.begin().list(1, thrift.struct, chunks.length)
      chunks.forEach((chunk, index) => writeChunk(footer, this.#schema.leaves[index] as WrittenLeaf, chunk))
      const bytes = chunks.reduce((sum, { plainBytes }) => sum + plainBytes, 0)
      footer.i64(2, bytes).i64(3, rows).end()
    }
    footer.text(6, 'silt')
    return footer.finish()
  }
}

function writeChunk(footer: CompactWriter, leaf: WrittenLeaf, chunk: Chunk & { readonly at: number }): void {
  footer.begin().i64(2, chunk.at).begin(3)
  footer.i32(1, leaf.physical).list(2, thrift.i32, 2).item(encoding.plain).item(encoding.rle)
  footer.list(3, thrift.binary, leaf.path.length)
  for (const name of leaf.path) footer.item(name)
  footer
    .i32(4, chunk.waiting === undefined ? codec.zstd : codec.none)
    .i64(5, chunk.entries)
    .i64(6, chunk.plainBytes)
    .i64(7, chunk.packedBytes)
    .i64(9, chunk.at)
  footer.begin(12).i64(3, chunk.nulls).end()
  footer.end().end()
}

function emptyChunk(): Chunk {
  return { pages: [], waiting: [], entries: 0, nulls: 0, plainBytes: 0, packedBytes: 0 }
}

function addPage(chunk: Chunk, page: PlainPage, level: number): void {
  const waiting = chunk.waiting
  if (waiting === undefined) {
    putPage(chunk, page, compressed(page.bytes, level))
    return
  }
  waiting.push(page)
  if (waiting.reduce((sum, { bytes }) => sum + bytes.length, 0) < packedBytesMin) return
  chunk.waiting = undefined
  for (const each of waiting) putPage(chunk, each, compressed(each.bytes, level))
}

function compressed(bytes: Uint8Array, level: number): Uint8Array {
  const params = { [constants.ZSTD_c_compressionLevel]: level }
  // One piece of room for the worst case, of which only what was written is kept.
  const chunkSize = Math.max(1024, bytes.length + (bytes.length >> 7) + 512)
  return new Uint8Array(zstdCompressSync(bytes, { params, chunkSize }))
}

function putPage(chunk: Chunk, { bytes, entries, nulls }: PlainPage, body: Uint8Array): void {
  const header = new CompactWriter()
    .i32(1, 0)
    .i32(2, bytes.length)
    .i32(3, body.length)
    .begin(5)
    .i32(1, entries)
    .i32(2, encoding.plain)
    .i32(3, encoding.rle)
    .i32(4, encoding.rle)
    .end()
    .finish()
  chunk.pages.push(header, body)
  chunk.entries += entries
  chunk.nulls += nulls
  chunk.plainBytes += header.length + bytes.length
  chunk.packedBytes += header.length + body.length
}
