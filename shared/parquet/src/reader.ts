import type { ByteSource, ColumnBatch, ParquetReader, ParquetRow, StructType } from '@silt/core'

/** Writing what is no data needs no library. */
export { StreamedParquetWriter } from './streamed/streamed-parquet-writer.ts'

/**
 * Reading alone, and its library only from the first file on: who writes no Parquet by apache-arrow and parquet-wasm does not load them, some 30 MB of
 * memory, and a process that never meets a checkpoint reads none.
 */
export class OnDemandReader implements ParquetReader {
  async *rows(
    file: Uint8Array,
    options: { readonly columns?: readonly string[] } = {},
  ): AsyncIterable<readonly ParquetRow[]> {
    const { HyparquetReader } = await import('./hyparquet-reader.ts')
    yield* new HyparquetReader().rows(file, options)
  }

  async *batches(source: ByteSource, schema: StructType): AsyncIterable<ColumnBatch> {
    const { HyparquetReader } = await import('./hyparquet-reader.ts')
    yield* new HyparquetReader().batches(source, schema)
  }
}

/** Rows of a Parquet file by its footer alone. `parquet/unreadable` (`data`) if there is none. */
export async function footerRowCount(file: Uint8Array): Promise<number> {
  const reader = await import('./hyparquet-reader.ts')
  return reader.footerRowCount(file)
}
