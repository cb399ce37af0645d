import {
  SiltError,
  decimalOf,
  flattened,
  isAbsent,
  type DataType,
  type ParquetRow,
  type PrimitiveType,
  type StructType,
} from '@silt/core'
import type { Rows } from './batch-import.ts'
import type { Vector } from './leaf-vector.ts'
import { fixedWidthOf } from './logical-types.ts'
import { bytesOf, decimalValue, integerValue, longValue, misfit, numberValue, recordValue } from './row-values.ts'

/**
 * Plain objects as vectors, by the schema: nested structs as objects, arrays as arrays, maps as `Map` or plain objects.
 * `long` and `timestamp` (microseconds) take bigint or safe integers, `date` days, `decimal` its text or a bigint (unscaled), `binary` bytes.
 * Absent, undefined and null are null; keys the schema does not name are ignored. `parquet/value-does-not-fit` (invalid) names the column.
 */
export function rowVectors(schema: StructType, rows: readonly ParquetRow[]): Rows {
  const columns = schema.fields.map((field) =>
    columnVector(
      rows.map((row) => ownValue(row, field.name)),
      field.type,
      field.name,
    ),
  )
  return { schema, rowCount: rows.length, columns }
}

/** A column may be called as something every object has. */
function ownValue(record: Readonly<Record<string, unknown>>, name: string): unknown {
  return Object.hasOwn(record, name) ? record[name] : undefined
}

function columnVector(values: readonly unknown[], type: DataType, path: string): Vector {
  const base = validityOf(values)
  if (typeof type === 'string') return primitiveVector(values, type, path, base)
  switch (type.type) {
    case 'struct': {
      const records = values.map((value) => (isAbsent(value) ? undefined : recordValue(value, path)))
      const children = type.fields.map((field) =>
        columnVector(
          records.map((record) => (record === undefined ? undefined : ownValue(record, field.name))),
          field.type,
          `${path}.${field.name}`,
        ),
      )
      return { kind: 'struct', ...base, children: children as never }
    }
    case 'array': {
      const { offsets, items } = flattened(values, (value) => {
        if (!Array.isArray(value)) throw misfit(path, 'an array')
        return value as unknown[]
      })
      const child = columnVector(items, type.elementType, `${path}.element`)
      return { kind: 'list', ...base, offsets, child: child as never }
    }
    case 'map': {
      const { offsets, items } = flattened(values, (value) =>
        value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(recordValue(value, path)),
      )
      const pairs = items as readonly (readonly [unknown, unknown])[]
      const children = [
        columnVector(
          pairs.map(([key]) => key),
          type.keyType,
          `${path}.key`,
        ),
        columnVector(
          pairs.map(([, value]) => value),
          type.valueType,
          `${path}.value`,
        ),
      ]
      const child = { kind: 'struct', length: pairs.length, nullCount: 0, children }
      return { kind: 'list', ...base, offsets, child: child as never }
    }
  }
}

interface Validity {
  readonly length: number
  readonly nullCount: number
  readonly validity: Uint8Array
}

function validityOf(values: readonly unknown[]): Validity {
  const validity = new Uint8Array((values.length + 7) >> 3)
  let nullCount = 0
  values.forEach((value, slot) => {
    if (isAbsent(value)) nullCount++
    else validity[slot >> 3] = (validity[slot >> 3] ?? 0) | (1 << (slot & 7))
  })
  return { length: values.length, nullCount, validity }
}

function primitiveVector(values: readonly unknown[], type: PrimitiveType, path: string, base: Validity): Vector {
  const filled = <A extends { [slot: number]: unknown }>(target: A, convert: (value: unknown) => A[number]): A => {
    values.forEach((value, slot) => {
      if (!isAbsent(value)) target[slot] = convert(value)
    })
    return target
  }
  const integers = (bits: number) => filled(new Int32Array(values.length), (value) => integerValue(value, bits, path))
  const longs = (convert: (value: unknown) => bigint) => filled(new BigInt64Array(values.length), convert)
  switch (type) {
    case 'string':
    case 'binary':
      return { kind: type, ...base, ...bytesBuffers(values, (value) => bytesOf(value, type, path)) }
    case 'long':
      return { kind: 'long', ...base, values: longs((value) => longValue(value, path)) }
    case 'timestamp':
    case 'timestamp_ntz':
      return { kind: 'timestamp', ...base, values: longs((value) => longValue(value, path)) }
    case 'date':
      return { kind: 'date', ...base, values: integers(32) }
    case 'integer':
      return { kind: 'integer', ...base, values: integers(32) }
    case 'short':
      return { kind: 'integer', ...base, values: integers(16) }
    case 'byte':
      return { kind: 'integer', ...base, values: integers(8) }
    case 'double':
    case 'float':
      return {
        kind: 'double',
        ...base,
        values: filled(new Float64Array(values.length), (value) => numberValue(value, path)),
      }
    case 'boolean':
      return {
        kind: 'boolean',
        ...base,
        values: filled(new Uint8Array(values.length), (value) => {
          if (typeof value !== 'boolean') throw misfit(path, 'a boolean')
          return value ? 1 : 0
        }),
      }
    default: {
      const decimal = decimalOf(type)
      if (decimal === undefined)
        throw new SiltError('unsupported', 'parquet/unsupported-type', `column ${path} is ${type}`, {
          context: { path },
        })
      const { precision, scale } = decimal
      if (precision <= 18)
        return { kind: 'long', ...base, values: longs((value) => decimalValue(value, decimal, path)) }
      const width = fixedWidthOf(precision)
      const bytes = new Uint8Array(values.length * width)
      values.forEach((value, slot) => {
        if (isAbsent(value)) return
        let rest = decimalValue(value, { precision, scale }, path)
        for (let at = width - 1; at >= 0; at--, rest >>= 8n) bytes[slot * width + at] = Number(rest & 0xffn)
      })
      return { kind: 'fixed', ...base, width, bytes }
    }
  }
}

function bytesBuffers(values: readonly unknown[], convert: (value: unknown) => Uint8Array) {
  const offsets = new Int32Array(values.length + 1)
  const parts: Uint8Array[] = []
  let total = 0
  values.forEach((value, slot) => {
    if (!isAbsent(value)) {
      const part = convert(value)
      parts.push(part)
      total += part.byteLength
    }
    offsets[slot + 1] = total
  })
  return { bytes: new Uint8Array(Buffer.concat(parts, total)), offsets }
}
