export { ArrowParquetWriter } from './arrow-parquet-writer.ts'
export { HyparquetReader, footerRowCount } from './hyparquet-reader.ts'
export { deltaStats } from './stats.ts'
export { StreamedParquetWriter } from './reader.ts'
