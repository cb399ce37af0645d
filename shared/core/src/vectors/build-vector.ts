import type { ColumnBatch, ColumnVector } from '../column-batch.ts'
import { assert } from '../errors.ts'
import type { DataType, StructType } from '../schema.ts'
import { field, struct } from '../schema.ts'
import { flattened, isAbsent } from './flattened.ts'

/**
 * Plain values as a vector, by the type: what `valueAt` gives, and `Map` for maps, bigint for longs. Absent, undefined and null are null. Every type but
 * decimals of more than 18 digits. Values must fit their type: they come from code, not from data.
 */
export function vectorOf(type: DataType, values: readonly unknown[]): ColumnVector {
  const base = presence(values)
  if (typeof type === 'string') return primitiveVector(type, values, base)
  switch (type.type) {
    case 'struct': {
      const children = type.fields.map(({ name, type: each }) =>
        vectorOf(
          each,
          values.map((value) => (isAbsent(value) ? undefined : (value as Readonly<Record<string, unknown>>)[name])),
        ),
      )
      return { kind: 'struct', ...base, children }
    }
    case 'array': {
      const { offsets, items } = flattened(values, (value) => value as readonly unknown[])
      return { kind: 'list', ...base, offsets, child: vectorOf(type.elementType, items) }
    }
    case 'map': {
      const { offsets, items } = flattened(values, (value) =>
        value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(value as object),
      )
      const pairs = items as readonly (readonly [unknown, unknown])[]
      const keys = vectorOf(
        type.keyType,
        pairs.map(([key]) => key),
      )
      const held = vectorOf(
        type.valueType,
        pairs.map(([, value]) => value),
      )
      const child: ColumnVector = { kind: 'struct', length: pairs.length, nullCount: 0, children: [keys, held] }
      return { kind: 'list', ...base, offsets, child }
    }
  }
}

/** Plain rows as a batch of the schema's columns. */
export function batchOf(schema: StructType, rows: readonly Readonly<Record<string, unknown>>[]): ColumnBatch {
  const { children } = vectorOf(schema, rows) as Extract<ColumnVector, { kind: 'struct' }>
  return { schema, rowCount: rows.length, columns: children }
}

/** `length` slots without a value. */
export function nullVector(type: DataType, length: number): ColumnVector {
  const base = { length, nullCount: length, validity: new Uint8Array((length + 7) >> 3) }
  if (typeof type === 'string') return primitiveVector(type, { length, forEach: () => undefined }, base)
  if (type.type === 'struct')
    return { kind: 'struct', ...base, children: type.fields.map((each) => nullVector(each.type, length)) }
  const offsets = new Int32Array(length + 1)
  return { kind: 'list', ...base, offsets, child: nullVector(itemType(type), 0) }
}

/** What a list's or a map's vector has as child. */
function itemType(type: Exclude<DataType, string | StructType>): DataType {
  if (type.type === 'array') return type.elementType
  return struct([field('key', type.keyType, false), field('value', type.valueType, type.valueContainsNull)])
}

interface Presence {
  readonly length: number
  readonly nullCount: number
  readonly validity?: Uint8Array
}

function presence(values: readonly unknown[]): Presence {
  const { length } = values
  const validity = new Uint8Array((length + 7) >> 3)
  let nullCount = 0
  values.forEach((value, slot) => {
    if (isAbsent(value)) nullCount++
    else validity[slot >> 3] = (validity[slot >> 3] as number) | (1 << (slot & 7))
  })
  return nullCount === 0 ? { length, nullCount } : { length, nullCount, validity }
}

type Values = Pick<readonly unknown[], 'length' | 'forEach'>

function primitiveVector(type: string, values: Values, base: Presence): ColumnVector {
  const filled = <A extends { [slot: number]: unknown }>(target: A, convert: (value: unknown) => A[number]): A => {
    values.forEach((value, slot) => {
      if (!isAbsent(value)) target[slot] = convert(value)
    })
    return target
  }
  // Decimals may come as their text, of all digits of their scale.
  const longOf = (value: unknown): bigint =>
    BigInt(typeof value === 'string' ? value.replace('.', '') : (value as number | bigint))
  const longs = () => filled(new BigInt64Array(values.length), longOf)
  const integers = () => filled(new Int32Array(values.length), (value) => value as number)
  switch (type) {
    case 'string':
      return { kind: 'string', ...base, ...bytesOf(values, (value) => Buffer.from(value as string)) }
    case 'binary':
      return { kind: 'binary', ...base, ...bytesOf(values, (value) => value as Uint8Array) }
    case 'timestamp':
    case 'timestamp_ntz':
      return { kind: 'timestamp', ...base, values: longs() }
    case 'date':
      return { kind: 'date', ...base, values: integers() }
    case 'byte':
    case 'short':
    case 'integer':
      return { kind: 'integer', ...base, values: integers() }
    case 'float':
    case 'double':
      return { kind: 'double', ...base, values: filled(new Float64Array(values.length), (value) => value as number) }
    case 'boolean':
      return {
        kind: 'boolean',
        ...base,
        values: filled(new Uint8Array(values.length), (value) => (value === true ? 1 : 0)),
      }
    default:
      assert(type === 'long' || type.startsWith('decimal'), `no vector of ${type}`)
      return { kind: 'long', ...base, values: longs() }
  }
}

function bytesOf(values: Values, convert: (value: unknown) => Uint8Array) {
  const offsets = new Int32Array(values.length + 1)
  const parts: Uint8Array[] = []
  let total = 0
  let filledTo = 0
  values.forEach((value, slot) => {
    if (!isAbsent(value)) {
      const part = convert(value)
      parts.push(part)
      total += part.byteLength
    }
    offsets[slot + 1] = total
    filledTo = slot + 1
  })
  offsets.fill(total, filledTo + 1)
  const bytes = new Uint8Array(total)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return { bytes, offsets }
}

/** Rows as batches of the schema's columns, some thousand rows each. */
export async function* batchesOfRows(
  schema: StructType,
  groups: AsyncIterable<readonly Readonly<Record<string, unknown>>[]>,
): AsyncGenerator<ColumnBatch> {
  for await (const rows of groups)
    for (let row = 0; row < rows.length; row += rowsOfBatch) yield batchOf(schema, rows.slice(row, row + rowsOfBatch))
}

const rowsOfBatch = 4096
