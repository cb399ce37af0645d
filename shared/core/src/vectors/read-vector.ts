import type { BytesVector, ColumnVector, LongVector } from '../column-batch.ts'
import type { DataType } from '../schema.ts'

/** Whether slot `slot` holds a value. */
export function isPresent({ nullCount, validity }: ColumnVector, slot: number): boolean {
  return nullCount === 0 || validity === undefined || ((validity[slot >> 3] as number) & (1 << (slot & 7))) !== 0
}

/** The text of a string vector's slot, whatever its validity says; what is no UTF-8 reads as replacement characters. */
export function textAt({ bytes, offsets }: BytesVector, slot: number): string {
  const [from, to] = [offsets[slot] as number, offsets[slot + 1] as number]
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString()
}

/** A long as a number, exact below 2^53 in magnitude and near it beyond. */
function numberAt({ values }: LongVector, slot: number): number {
  return Number(values[slot])
}

/**
 * One slot as a plain value by its type: structs as objects without their absent fields, lists as arrays, maps as objects (absent values null), longs and
 * timestamps as numbers where those are exact, else bigint, bytes as a copy. Undefined for an absent one.
 */
export function valueAt(vector: ColumnVector, type: DataType, slot: number): unknown {
  if (!isPresent(vector, slot)) return undefined
  switch (vector.kind) {
    case 'string':
      return textAt(vector, slot)
    case 'binary':
      return vector.bytes.slice(vector.offsets[slot], vector.offsets[slot + 1])
    case 'long':
    case 'timestamp': {
      const value = numberAt(vector, slot)
      return Number.isSafeInteger(value) ? value : vector.values[slot]
    }
    case 'integer':
    case 'date':
    case 'double':
      return vector.values[slot]
    case 'boolean':
      return vector.values[slot] === 1
    case 'struct':
      return typeof type === 'object' && type.type === 'struct'
        ? fieldsAt(vector.children, type.fields, slot)
        : undefined
    case 'list': {
      const [from, to] = [vector.offsets[slot] as number, vector.offsets[slot + 1] as number]
      if (typeof type !== 'object' || type.type === 'struct') return undefined
      if (type.type === 'map') return mapAt(vector.child, type.keyType, type.valueType, from, to)
      const items: unknown[] = []
      for (let item = from; item < to; item++) items.push(valueAt(vector.child, type.elementType, item) ?? null)
      return items
    }
  }
}

function fieldsAt(
  children: readonly ColumnVector[],
  fields: readonly { readonly name: string; readonly type: DataType }[],
  slot: number,
): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  for (let index = 0; index < fields.length; index++) {
    const { name, type } = fields[index] as { readonly name: string; readonly type: DataType }
    const value = valueAt(children[index] as ColumnVector, type, slot)
    if (value !== undefined) set(record, name, value)
  }
  return record
}

function mapAt(entries: ColumnVector, keyType: DataType, valueType: DataType, from: number, to: number): unknown {
  const record: Record<string, unknown> = {}
  if (entries.kind !== 'struct') return record
  const [keys, values] = entries.children as readonly [ColumnVector, ColumnVector]
  for (let entry = from; entry < to; entry++)
    set(record, String(valueAt(keys, keyType, entry)), valueAt(values, valueType, entry) ?? null)
  return record
}

/** A field of that name, also where it is one that objects are born with. */
function set(record: Record<string, unknown>, name: string, value: unknown): void {
  if (name !== '__proto__') record[name] = value
  else Object.defineProperty(record, name, { value, enumerable: true, configurable: true, writable: true })
}
