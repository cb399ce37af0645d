import type { StructType } from './schema.ts'

/**
 * Columns of decoded rows, Arrow's memory layout: what the row decoder hands to the Parquet encoder.
 *
 * Every vector has `length` slots. `validity` is a bitmap, least significant bit first, 1 = present; undefined = no nulls.
 * Values under a null slot are unspecified but addressable. Buffers may be longer than needed.
 */
interface VectorBase {
  readonly length: number
  readonly nullCount: number
  readonly validity?: Uint8Array
}

/** UTF-8 text or bytes: slot i is `bytes[offsets[i] .. offsets[i + 1])`. */
export interface BytesVector extends VectorBase {
  readonly kind: 'string' | 'binary'
  readonly offsets: Int32Array
  readonly bytes: Uint8Array
}
/** `timestamp`: microseconds since the Unix epoch, UTC. */
export interface LongVector extends VectorBase {
  readonly kind: 'long' | 'timestamp'
  readonly values: BigInt64Array
}
/** `date`: days since the Unix epoch. */
export interface IntegerVector extends VectorBase {
  readonly kind: 'integer' | 'date'
  readonly values: Int32Array
}
export interface DoubleVector extends VectorBase {
  readonly kind: 'double'
  readonly values: Float64Array
}
/** One byte a slot: 0 or 1. */
export interface BooleanVector extends VectorBase {
  readonly kind: 'boolean'
  readonly values: Uint8Array
}
/** Slot i is `child[offsets[i] .. offsets[i + 1])`. */
export interface ListVector extends VectorBase {
  readonly kind: 'list'
  readonly offsets: Int32Array
  readonly child: ColumnVector
}
/** Children have the same length, in the order of the struct type's fields. */
export interface StructVector extends VectorBase {
  readonly kind: 'struct'
  readonly children: readonly ColumnVector[]
}

export type ColumnVector =
  BytesVector | LongVector | IntegerVector | DoubleVector | BooleanVector | ListVector | StructVector

/** `columns[i]` holds `schema.fields[i]`; all have `rowCount` slots. Partition columns of the table are not in it. */
export interface ColumnBatch {
  readonly schema: StructType
  readonly rowCount: number
  readonly columns: readonly ColumnVector[]
}
