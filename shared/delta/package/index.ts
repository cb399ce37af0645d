// What the published package gives: the protocol, and of @silt/core what its functions take, give and throw.
export * from '../src/index.ts'
export {
  field,
  isSiltError,
  shouldRetry,
  SiltError,
  struct,
  type ByteSource,
  type Clock,
  type ColumnBatch,
  type DataType,
  type ErrorKind,
  type ObjectInfo,
  type ObjectRemoval,
  type ObjectStore,
  type OpenParquetFile,
  type ParquetFileWriter,
  type ParquetReader,
  type StructField,
  type StructType,
} from '@silt/core'
