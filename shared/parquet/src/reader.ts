/** Reading alone: who writes no Parquet by apache-arrow and parquet-wasm does not load them, some 30 MB of memory. */
export { HyparquetReader, footerRowCount } from './hyparquet-reader.ts'
