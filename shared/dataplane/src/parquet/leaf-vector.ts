import { SiltError, type ColumnVector, type DataType } from '@silt/core'
import { physicalType } from './format.ts'
import type { LeafColumn } from './schema-tree.ts'

/** Decimals beyond 18 digits, which no other vector holds: unscaled values, big-endian, `width` bytes a slot. */
export interface FixedVector {
  readonly kind: 'fixed'
  readonly length: number
  readonly nullCount: number
  readonly validity?: Uint8Array
  readonly width: number
  readonly bytes: Uint8Array
}

/** What rows are made of before they are shredded: a batch's vectors, and wide decimals. */
export type Vector = ColumnVector | FixedVector

/** Whether a vector carries values of the type: narrower numbers travel as wider ones, decimals unscaled as longs. */
export function carries(kind: Vector['kind'], type: DataType): boolean {
  if (typeof type === 'object') return kind === (type.type === 'struct' ? 'struct' : 'list')
  switch (type) {
    case 'string':
    case 'binary':
    case 'boolean':
      return kind === type
    case 'byte':
    case 'short':
    case 'integer':
      return kind === 'integer'
    case 'date':
      return kind === 'date' || kind === 'integer'
    case 'float':
    case 'double':
      return kind === 'double'
    case 'long':
      return kind === 'long'
    case 'timestamp':
    case 'timestamp_ntz':
      return kind === 'timestamp' || kind === 'long'
    default:
      return kind === 'long' || kind === 'fixed'
  }
}

/** Bytes of slots `[from, to)` as the leaf's physical type stores them, without lengths. Of byte arrays: all that their offsets span. */
export function valueBytes(vector: Vector, leaf: LeafColumn, from: number, to: number): Uint8Array {
  switch (vector.kind) {
    case 'string':
    case 'binary':
      return vector.bytes.subarray(vector.offsets[from], vector.offsets[to])
    case 'boolean':
      return bytesOf(Uint32Array.from(vector.values.subarray(from, to)))
    case 'integer':
    case 'date':
      return bytesOf(vector.values.subarray(from, to))
    case 'double': {
      const values = vector.values.subarray(from, to)
      return bytesOf(leaf.physical === physicalType.float ? Float32Array.from(values) : values)
    }
    case 'long':
    case 'timestamp': {
      const values = vector.values.subarray(from, to)
      if (leaf.physical === physicalType.int64) return bytesOf(values)
      const unscaled = (value: bigint, slot: number) => (isPresent(vector, from + slot) ? value : 0n)
      if (leaf.physical === physicalType.int32)
        return bytesOf(Int32Array.from(values, (value, slot) => narrow(unscaled(value, slot), leaf)))
      return bigEndian(Array.from(values, unscaled), leaf)
    }
    case 'fixed':
      return vector.bytes.subarray(from * vector.width, to * vector.width)
    case 'list':
    case 'struct':
      throw new SiltError('internal', 'internal/assertion', 'a leaf has no nested vector')
  }
}

/** Unscaled decimals as two's complement, most significant byte first, the leaf's width each. `parquet/value-does-not-fit` (invalid). */
function bigEndian(values: ArrayLike<bigint>, leaf: LeafColumn): Uint8Array {
  const { width } = leaf
  const bytes = new Uint8Array(values.length * width)
  for (let slot = 0; slot < values.length; slot++) {
    let rest = values[slot] ?? 0n
    if (BigInt.asIntN(width * 8, rest) !== rest) throw tooWide(leaf)
    for (let at = width - 1; at >= 0; at--) {
      bytes[slot * width + at] = Number(rest & 0xffn)
      rest >>= 8n
    }
  }
  return bytes
}

function narrow(value: bigint, leaf: LeafColumn): number {
  if (BigInt.asIntN(32, value) !== value) throw tooWide(leaf)
  return Number(value)
}

/** What stands under a null slot is anything. */
function isPresent({ validity, nullCount }: Vector, slot: number): boolean {
  return nullCount === 0 || validity === undefined || ((validity[slot >> 3] ?? 0) & (1 << (slot & 7))) !== 0
}

function tooWide(leaf: LeafColumn): SiltError {
  const path = leaf.path.join('.')
  return new SiltError('invalid', 'parquet/value-does-not-fit', `column ${path} takes a decimal of fewer digits`, {
    context: { path },
  })
}

function bytesOf(values: ArrayBufferView): Uint8Array {
  return new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
}
