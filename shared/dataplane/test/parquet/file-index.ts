import { parquetMetadata, readColumnIndex, readOffsetIndex } from 'hyparquet'
import type { ColumnIndex, FileMetaData, OffsetIndex, SchemaElement } from 'hyparquet'
import { decimalOf, type DataType } from '@silt/core'
import { logicalTypeOf } from '../../src/parquet/logical-types.ts'

type Chunk = FileMetaData['row_groups'][number]['columns'][number]

/** The footer, with times as bigint microseconds, dates as days and strings as bytes. */
export function metadataOf(file: Uint8Array): FileMetaData {
  return parquetMetadata(arrayBuffer(file), { parsers })
}

/** The page index of a chunk, decimals unscaled. */
export function pageIndexOf(
  file: Uint8Array,
  chunk: Chunk,
  type: DataType,
): { readonly column: ColumnIndex | undefined; readonly offset: OffsetIndex | undefined } {
  const at = (offset: bigint, length: number) => ({
    view: new DataView(arrayBuffer(file.subarray(Number(offset), Number(offset) + length))),
    offset: 0,
  })
  const { column_index_offset, column_index_length, offset_index_offset, offset_index_length } = chunk
  return {
    column:
      column_index_offset === undefined || column_index_length === undefined
        ? undefined
        : readColumnIndex(at(column_index_offset, column_index_length), elementOf(type), parsers),
    offset:
      offset_index_offset === undefined || offset_index_length === undefined
        ? undefined
        : readOffsetIndex(at(offset_index_offset, offset_index_length)),
  }
}

/** A bound of the page index as the value it stands for. */
export function boundValue(type: DataType, bound: unknown): unknown {
  if (decimalOf(type) === undefined) return bound
  if (!(bound instanceof Uint8Array)) return BigInt(bound as number | bigint)
  return BigInt.asIntN(bound.byteLength * 8, BigInt(`0x${Buffer.from(bound).toString('hex')}`))
}

const asBytes = (bytes: Uint8Array) => Buffer.from(bytes)
const parsers = {
  timestampFromMilliseconds: (millis: bigint) => millis * 1000n,
  timestampFromMicroseconds: (micros: bigint) => micros,
  timestampFromNanoseconds: (nanos: bigint) => nanos,
  dateFromDays: (days: number) => days,
  stringFromBytes: asBytes,
  jsonFromBytes: asBytes,
  geometryFromBytes: asBytes,
  geographyFromBytes: asBytes,
  uuidFromBytes: asBytes,
}

const physicalNames = ['BOOLEAN', 'INT32', 'INT64', 'INT96', 'FLOAT', 'DOUBLE', 'BYTE_ARRAY', 'FIXED_LEN_BYTE_ARRAY']

/** Without its logical type: a decimal's would be read as a double. */
function elementOf(type: DataType): SchemaElement {
  const physical = typeof type === 'string' ? logicalTypeOf(type)?.physical : undefined
  return { type: physicalNames[physical ?? 6] as never, name: 'leaf' }
}

function arrayBuffer(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
