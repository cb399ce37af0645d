/** Reading, and writing what is no data: who writes no data files by apache-arrow and parquet-wasm does not load them, some 30 MB of memory. */
export { HyparquetReader, footerRowCount } from './hyparquet-reader.ts'
export { StreamedParquetWriter } from './streamed/streamed-parquet-writer.ts'
