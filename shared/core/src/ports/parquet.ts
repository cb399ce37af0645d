import type { ColumnBatch } from '../column-batch.ts'
import type { StructType } from '../schema.ts'

/** A row as read back: bigint for long, Date never, bytes for binary; timestamps and dates as bigint microseconds / number days. */
export type ParquetRow = Readonly<Record<string, unknown>>

export interface ParquetWriter {
  /** One whole Parquet file, zstd, with statistics. Inputs are not kept. */
  encode(batch: ColumnBatch): Uint8Array
  /**
   * Rows as plain objects (checkpoints): nested structs as objects, arrays as arrays, maps as `Map` or plain objects, absent = null.
   * Not for the data plane.
   */
  encodeRows(schema: StructType, rows: readonly ParquetRow[]): Uint8Array
}

/** Files written a batch at a time: what is in memory is what was compressed so far, and one batch. */
export interface ParquetFileWriter {
  open(schema: StructType): OpenParquetFile
}

/** One file being written. Synchronous; it holds nothing but memory, so it may be let go of at any time. */
export interface OpenParquetFile {
  /** Compressed bytes so far. */
  readonly sizeBytes: number
  /** Rows of the file's schema; not kept. Row groups end by themselves. */
  write(batch: ColumnBatch): void
  /** Ends the row group: rows that come next stand in another. */
  endRowGroup(): void
  /** The whole file. Nothing may be written afterwards. */
  finish(): Uint8Array
}

/** A file's bytes, part by part. */
export interface ByteSource {
  readonly sizeBytes: number
  /** Exactly the bytes asked for, which lie within the file. */
  read(startByte: number, endByteExclusive: number): Promise<Uint8Array>
}

export interface ParquetReader {
  /** Rows of a whole file, row group by row group; `columns`: top-level names, all when left out. */
  rows(file: Uint8Array, options?: { readonly columns?: readonly string[] }): AsyncIterable<readonly ParquetRow[]>
  /**
   * The columns of `schema`, some thousand rows at a time, of a source read as it goes: fields are found by name at every level, what the file lacks is
   * null, what it has besides is not read. Batches are the caller's to keep.
   * Errors: the source's, `parquet/unreadable` (data) for what is no Parquet file, is damaged, or has a column of another type.
   */
  batches(source: ByteSource, schema: StructType): AsyncIterable<ColumnBatch>
}
