import { isUtf8 } from 'node:buffer'
import { isDeepStrictEqual } from 'node:util'
import { eventTableSchema } from '@silt/contracts'
import { assert, type ColumnBatch, type ColumnVector, type DataType, type EncodeSpec } from '@silt/core'

/**
 * V8 misreads a key that is one escaped character after another object had a backslash for a key in the same place (Node 24): such documents cannot be
 * judged by JSON.parse's values.
 */
const misreadKey = /"\\(?:u[0-9a-fA-F]{4}|[^u])"\s*:/

/** What a record must become by JSON.parse and the rules of dead letters: a row, or the reason why it is none. */
export function verdictOf(spec: EncodeSpec, value: Buffer | null): string {
  if (value === null || value.length === 0) return 'empty'
  if (value.length > spec.recordBytesMax) return 'too-large'
  if (!isUtf8(value)) return 'invalid-utf8'
  const parsed = parsedOf(value.toString())
  if (parsed === undefined) return 'not-json'
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) return 'not-an-object'
  const known = new Set([...spec.schema.fields, ...eventTableSchema.fields].map(({ name }) => name))
  const isStrange = Object.entries(parsed).some(([name, each]) => each !== null && !known.has(name))
  return spec.evolution === 'fail' && isStrange ? 'schema' : 'row'
}

function parsedOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * Throws where JSON.parse does not take the bytes, or makes other values of them than row `row` has in its columns and in `_rescued`. Times and decimals are
 * left to the exact path.
 */
export function expectAsParsed(bytes: Buffer, batch: ColumnBatch, row: number): void {
  assert(isUtf8(bytes), 'what was taken is UTF-8')
  const text = bytes.toString()
  const parsed: unknown = JSON.parse(text)
  assert(typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed), 'what was taken is an object')
  if (misreadKey.test(text)) return
  const members = new Map<string, unknown>(Object.entries(parsed))
  const rescued = rescuedOf(batch, row)
  for (const [name, value] of rescued)
    if (name !== '_kafka_timestamp' || (members.get(name) ?? null) !== null)
      assert(isDeepStrictEqual(value, members.get(name) ?? null), `${name} is not rescued as parsed from ${text}`)
  batch.schema.fields.forEach(({ name, type }, column) => {
    if (name.startsWith('_')) return
    const value = rescued.has(name) && !isHeldAsWell(type) ? null : (members.get(name) ?? null)
    members.delete(name)
    const slot = slotOf(batch.columns[column]!, row)
    if (!isAsParsed(value, slot, name, type) && !(isHeldAsWell(type) && rescued.has(name) && slot === null))
      throw new Error(`${name} is not as parsed from ${JSON.stringify(text)}`)
  })
  for (const [name, value] of members) assert(value === null || rescued.has(name), `${name} is lost`)
}

/** Whether a column may hold, rounded, what is rescued of it. */
function isHeldAsWell(type: DataType): boolean {
  return type === 'double'
}

function rescuedOf(batch: ColumnBatch, row: number): ReadonlyMap<string, unknown> {
  const column = batch.schema.fields.findIndex(({ name }) => name === '_rescued')
  const slot = slotOf(batch.columns[column]!, row)
  return new Map(slot === null ? [] : Object.entries(JSON.parse(slot as string) as object))
}

function isAsParsed(
  value: unknown,
  slot: string | number | bigint | boolean | null,
  name: string,
  type: DataType,
): boolean {
  if (value === null)
    return name === 'channel' || name === 'event_type' ? slot === 'unknown' : slot === null || name === 'timestamp'
  switch (type) {
    case 'string':
      if (typeof value === 'string') return slot === value.toWellFormed()
      return typeof slot === 'string' && isDeepStrictEqual(JSON.parse(slot), value)
    case 'double':
    case 'float':
      return Object.is(slot, Number(value))
    case 'boolean':
      return slot === value
    case 'long':
      return typeof value === 'string' && /^-?\d+$/.test(value)
        ? slot === BigInt(value)
        : Number(slot) === Number(value)
    case 'integer':
    case 'short':
    case 'byte':
      return Number(value) === slot
    default:
      return slot !== null
  }
}

function slotOf(vector: ColumnVector, row: number): string | number | bigint | boolean | null {
  if (vector.validity !== undefined && (vector.validity[row >> 3]! & (1 << (row & 7))) === 0) return null
  if (vector.kind === 'string')
    return Buffer.from(vector.bytes.buffer, vector.bytes.byteOffset).toString(
      'utf8',
      vector.offsets[row],
      vector.offsets[row + 1],
    )
  assert('values' in vector, 'a primitive column')
  return vector.kind === 'boolean' ? vector.values[row] === 1 : vector.values[row]!
}
