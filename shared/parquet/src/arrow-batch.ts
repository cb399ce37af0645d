import { makeData, RecordBatch, Schema, Struct, type Data, type Field } from 'apache-arrow'
import { assert, type ColumnBatch, type ColumnVector, type DataType } from '@silt/core'
import { arrowField, nestedField } from './arrow-schema.ts'

/**
 * The batch as an Arrow record batch over the same buffers, except where widths differ: booleans are packed, and `float`, `short`, `byte` and
 * `decimal` columns, carried as `double`, `integer` and `long` (unscaled), are narrowed.
 *
 * 1. A vector's slots cover the batch: `length === rowCount`.
 * 2. A vector's kind carries its field's type.
 */
export function arrowBatch(batch: ColumnBatch): RecordBatch {
  const fields = batch.schema.fields.map(arrowField)
  assert(fields.length === batch.columns.length, 'a column batch has one vector a field')
  const children = batch.columns.map((vector, index) => {
    const type = batch.schema.fields[index]?.type
    const field = fields[index]
    assert(
      type !== undefined && field !== undefined && vector.length === batch.rowCount,
      'every vector has rowCount slots',
    )
    return vectorData(vector, type, field)
  })
  return recordBatch(fields, batch.rowCount, children)
}

/** A record batch of ready children; `fields[i]` describes `children[i]`. */
export function recordBatch(fields: Field[], rowCount: number, children: Data[]): RecordBatch {
  const data = makeData({ type: new Struct(fields), length: rowCount, nullCount: 0, children })
  return new RecordBatch(new Schema(fields), data as never)
}

function vectorData(vector: ColumnVector, type: DataType, field: Field): Data {
  const { length, nullCount } = vector
  const nullBitmap = nullCount > 0 ? vector.validity : undefined
  assert(nullCount === 0 || nullBitmap !== undefined, 'a vector with nulls has a validity bitmap')
  const base = { type: field.type as never, length, nullCount, nullBitmap }
  switch (vector.kind) {
    case 'string':
    case 'binary':
      assert(type === vector.kind, `column ${field.name} is not ${vector.kind}`)
      return makeData({
        ...base,
        valueOffsets: vector.offsets.subarray(0, length + 1),
        data: vector.bytes.subarray(0, vector.offsets[length]),
      } as never)
    case 'long':
    case 'timestamp':
      return makeData({ ...base, data: longBuffer(vector.values.subarray(0, length), type) } as never)
    case 'integer':
    case 'date':
      return makeData({ ...base, data: integerBuffer(vector.values.subarray(0, length), type) } as never)
    case 'double': {
      const values = vector.values.subarray(0, length)
      return makeData({ ...base, data: type === 'float' ? Float32Array.from(values) : values } as never)
    }
    case 'boolean':
      return makeData({ ...base, data: packBits(vector.values, length) } as never)
    case 'list': {
      assert(typeof type === 'object' && type.type === 'array', `column ${field.name} is not a list`)
      const child = vectorData(vector.child, type.elementType, nestedField(field, 0))
      return makeData({ ...base, valueOffsets: vector.offsets.subarray(0, length + 1), child } as never)
    }
    case 'struct': {
      assert(typeof type === 'object' && type.type === 'struct', `column ${field.name} is not a struct`)
      const children = vector.children.map((child, index) => {
        const childType = type.fields[index]?.type
        assert(childType !== undefined, 'a struct vector has one child a field')
        return vectorData(child, childType, nestedField(field, index))
      })
      return makeData({ ...base, children } as never)
    }
  }
}

function longBuffer(values: BigInt64Array, type: DataType): BigInt64Array | Uint32Array {
  if (type === 'long' || type === 'timestamp' || type === 'timestamp_ntz') return values
  assert(typeof type === 'string' && type.startsWith('decimal'), `a long vector does not carry ${JSON.stringify(type)}`)
  return decimal128(values)
}

/** Unscaled values as the little-endian 128-bit words of an Arrow decimal. */
export function decimal128(values: ArrayLike<bigint>): Uint32Array {
  const words = new BigInt64Array(values.length * 2)
  for (let slot = 0; slot < values.length; slot++) {
    const value = values[slot] ?? 0n
    words[slot * 2] = BigInt.asIntN(64, value)
    words[slot * 2 + 1] = BigInt.asIntN(64, value >> 64n)
  }
  return new Uint32Array(words.buffer)
}

function integerBuffer(values: Int32Array, type: DataType): Int32Array | Int16Array | Int8Array {
  if (type === 'short') return Int16Array.from(values)
  if (type === 'byte') return Int8Array.from(values)
  assert(type === 'integer' || type === 'date', `an integer vector does not carry ${JSON.stringify(type)}`)
  return values
}

/** One bit a slot, least significant first, from one byte a slot. */
export function packBits(values: Uint8Array, length: number): Uint8Array {
  const bits = new Uint8Array((length + 7) >> 3)
  for (let slot = 0; slot < length; slot++) if (values[slot] === 1) bits[slot >> 3]! |= 1 << (slot & 7)
  return bits
}
