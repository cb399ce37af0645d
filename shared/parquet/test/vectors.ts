import type {
  BooleanVector,
  BytesVector,
  ColumnBatch,
  ColumnVector,
  DataType,
  DoubleVector,
  IntegerVector,
  ListVector,
  LongVector,
  StructVector,
} from '@silt/core'
import { field, struct } from '@silt/core'

interface Validity {
  readonly length: number
  readonly nullCount: number
  readonly validity?: Uint8Array
}

function validityOf(values: readonly unknown[]): Validity {
  const validity = new Uint8Array((values.length + 7) >> 3)
  values.forEach((value, slot) => {
    if (value !== null) validity[slot >> 3]! |= 1 << (slot & 7)
  })
  const nullCount = values.filter((value) => value === null).length
  return { length: values.length, nullCount, ...(nullCount === 0 ? {} : { validity }) }
}

export function bytesVector(kind: 'string' | 'binary', values: readonly (string | Uint8Array | null)[]): BytesVector {
  const parts = values.map((value) => Buffer.from(value ?? ''))
  const offsets = new Int32Array(values.length + 5)
  parts.forEach((part, slot) => (offsets[slot + 1] = offsets[slot]! + part.length))
  // Longer than needed, as a builder's buffers are.
  return {
    kind,
    ...validityOf(values),
    offsets,
    bytes: new Uint8Array(Buffer.concat([...parts, Buffer.from('slack')])),
  }
}

export function longVector(kind: 'long' | 'timestamp', values: readonly (bigint | null)[]): LongVector {
  return { kind, ...validityOf(values), values: BigInt64Array.from([...values.map((value) => value ?? 77n), 1n]) }
}

export function integerVector(kind: 'integer' | 'date', values: readonly (number | null)[]): IntegerVector {
  return { kind, ...validityOf(values), values: Int32Array.from([...values.map((value) => value ?? 77), 1]) }
}

export function doubleVector(values: readonly (number | null)[]): DoubleVector {
  return {
    kind: 'double',
    ...validityOf(values),
    values: Float64Array.from([...values.map((value) => value ?? 77), 1]),
  }
}

export function booleanVector(values: readonly (boolean | null)[]): BooleanVector {
  return { kind: 'boolean', ...validityOf(values), values: Uint8Array.from([...values.map(Number), 1]) }
}

export function listVector(values: readonly (number | null)[], child: ColumnVector): ListVector {
  const offsets = new Int32Array(values.length + 1)
  values.forEach((count, slot) => (offsets[slot + 1] = offsets[slot]! + (count ?? 0)))
  return { kind: 'list', ...validityOf(values), offsets, child }
}

export function structVector(present: readonly (true | null)[], children: readonly ColumnVector[]): StructVector {
  return { kind: 'struct', ...validityOf(present), children }
}

export function batchOf(columns: readonly (readonly [string, DataType, ColumnVector])[]): ColumnBatch {
  return {
    schema: struct(columns.map(([name, type]) => field(name, type))),
    rowCount: columns[0]?.[2].length ?? 0,
    columns: columns.map(([, , vector]) => vector),
  }
}
