import { makeData, type Data, type Field, type RecordBatch } from 'apache-arrow'
import { decimalOf, SiltError, type DataType, type ParquetRow, type StructType } from '@silt/core'
import { decimal128, packBits, recordBatch } from './arrow-batch.ts'
import { arrowField, nestedField } from './arrow-schema.ts'

/**
 * Plain objects as an Arrow record batch, by the schema: nested structs as objects, arrays as arrays, maps as `Map` or plain objects.
 * `long` and `timestamp` (microseconds) take bigint or safe integers, `date` days, `decimal` its text or a bigint (unscaled), `binary` bytes.
 * Absent, undefined and null are null; keys the schema does not name are ignored. `parquet/value-does-not-fit` names the column.
 */
export function arrowRows(schema: StructType, rows: readonly ParquetRow[]): RecordBatch {
  const fields = schema.fields.map(arrowField)
  const children = schema.fields.map((field, index) => {
    const values = rows.map((row) => row[field.name])
    return columnData(values, field.type, fields[index] as Field, field.name)
  })
  return recordBatch(fields, rows.length, children)
}

function columnData(values: readonly unknown[], type: DataType, field: Field, path: string): Data {
  const length = values.length
  const present = new Uint8Array(length)
  let nullCount = 0
  for (let slot = 0; slot < length; slot++) {
    if (values[slot] === null || values[slot] === undefined) nullCount++
    else present[slot] = 1
  }
  const base = {
    type: field.type as never,
    length,
    nullCount,
    nullBitmap: nullCount === 0 ? undefined : packBits(present, length),
  }
  if (typeof type === 'string') return makeData({ ...base, ...primitiveBuffers(values, type, path) } as never)
  switch (type.type) {
    case 'struct': {
      const nested = type.fields.map((each, index) => {
        const inner = values.map((value) =>
          value === null || value === undefined ? null : record(value, path)[each.name],
        )
        return columnData(inner, each.type, nestedField(field, index), `${path}.${each.name}`)
      })
      return makeData({ ...base, children: nested } as never)
    }
    case 'array': {
      const { offsets, items } = flatten(values, (value) => {
        if (!Array.isArray(value)) throw misfit(path, 'an array')
        return value as unknown[]
      })
      const child = columnData(items, type.elementType, nestedField(field, 0), `${path}.element`)
      return makeData({ ...base, valueOffsets: offsets, child } as never)
    }
    case 'map': {
      const { offsets, items } = flatten(values, (value) =>
        value instanceof Map ? [...(value as Map<unknown, unknown>)] : Object.entries(record(value, path)),
      )
      const entries = nestedField(field, 0)
      const [key, value] = [nestedField(entries, 0), nestedField(entries, 1)]
      const pairs = items as readonly (readonly [unknown, unknown])[]
      const entry = makeData({
        type: entries.type as never,
        length: pairs.length,
        nullCount: 0,
        children: [
          columnData(
            pairs.map((pair) => pair[0]),
            type.keyType,
            key,
            `${path}.key`,
          ),
          columnData(
            pairs.map((pair) => pair[1]),
            type.valueType,
            value,
            `${path}.value`,
          ),
        ],
      } as never)
      return makeData({ ...base, valueOffsets: offsets, child: entry } as never)
    }
  }
}

function flatten(values: readonly unknown[], itemsOf: (value: unknown) => readonly unknown[]) {
  const offsets = new Int32Array(values.length + 1)
  const items: unknown[] = []
  values.forEach((value, slot) => {
    if (value !== null && value !== undefined) for (const item of itemsOf(value)) items.push(item)
    offsets[slot + 1] = items.length
  })
  return { offsets, items }
}

function primitiveBuffers(
  values: readonly unknown[],
  type: string,
  path: string,
): { data: unknown; valueOffsets?: Int32Array } {
  const filled = <T>(target: { [slot: number]: T }, convert: (value: unknown) => T): unknown => {
    for (let slot = 0; slot < values.length; slot++) {
      const value = values[slot]
      if (value !== null && value !== undefined) target[slot] = convert(value)
    }
    return target
  }
  const number = (value: unknown): number => {
    if (typeof value !== 'number') throw misfit(path, 'a number')
    return value
  }
  switch (type) {
    case 'string':
      return bytesBuffers(values, (value) => {
        if (typeof value !== 'string') throw misfit(path, 'a string')
        return Buffer.from(value)
      })
    case 'binary':
      return bytesBuffers(values, (value) => {
        if (!(value instanceof Uint8Array)) throw misfit(path, 'bytes')
        return value
      })
    case 'long':
    case 'timestamp':
    case 'timestamp_ntz':
      return { data: filled(new BigInt64Array(values.length), (value) => long(value, path)) }
    case 'integer':
    case 'date':
      return { data: filled(new Int32Array(values.length), (value) => integer(value, 31, path)) }
    case 'short':
      return { data: filled(new Int16Array(values.length), (value) => integer(value, 15, path)) }
    case 'byte':
      return { data: filled(new Int8Array(values.length), (value) => integer(value, 7, path)) }
    case 'double':
      return { data: filled(new Float64Array(values.length), number) }
    case 'float':
      return { data: filled(new Float32Array(values.length), number) }
    case 'boolean': {
      const bytes = new Uint8Array(values.length)
      filled<number>(bytes, (value) => {
        if (typeof value !== 'boolean') throw misfit(path, 'a boolean')
        return value ? 1 : 0
      })
      return { data: packBits(bytes, values.length) }
    }
    default: {
      const scale = decimalOf(type as DataType)?.scale ?? 0
      const unscaled = values.map((value) => (value === null || value === undefined ? 0n : decimal(value, scale, path)))
      return { data: decimal128(unscaled) }
    }
  }
}

function bytesBuffers(values: readonly unknown[], bytesOf: (value: unknown) => Uint8Array) {
  const offsets = new Int32Array(values.length + 1)
  const parts: Uint8Array[] = []
  let total = 0
  values.forEach((value, slot) => {
    if (value !== null && value !== undefined) {
      const part = bytesOf(value)
      parts.push(part)
      total += part.byteLength
    }
    offsets[slot + 1] = total
  })
  return { data: Buffer.concat(parts, total), valueOffsets: offsets }
}

function record(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw misfit(path, 'an object')
  return value as Readonly<Record<string, unknown>>
}

function long(value: unknown, path: string): bigint {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return BigInt(value)
  if (typeof value === 'bigint' && BigInt.asIntN(64, value) === value) return value
  throw misfit(path, 'a 64-bit integer')
}

function integer(value: unknown, bits: number, path: string): number {
  const limit = 2 ** bits
  if (typeof value === 'number' && Number.isInteger(value) && value >= -limit && value < limit) return value
  throw misfit(path, `a ${bits + 1}-bit integer`)
}

function decimal(value: unknown, scale: number, path: string): bigint {
  if (typeof value === 'bigint') return value
  const match = typeof value === 'string' ? /^(-?)(\d+)(?:\.(\d+))?$/.exec(value) : null
  const fraction = match?.[3] ?? ''
  if (match === null || fraction.length > scale) throw misfit(path, `a decimal of scale ${scale}`)
  const digits = BigInt(match[2] + fraction.padEnd(scale, '0'))
  return match[1] === '-' ? -digits : digits
}

function misfit(path: string, expected: string): SiltError {
  return new SiltError('invalid', 'parquet/value-does-not-fit', `column ${path} takes ${expected}`, {
    context: { path },
  })
}
