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

export interface ParquetReader {
  /** Rows of a whole file, row group by row group; `columns`: top-level names, all when left out. */
  rows(file: Uint8Array, options?: { readonly columns?: readonly string[] }): AsyncIterable<readonly ParquetRow[]>
}
