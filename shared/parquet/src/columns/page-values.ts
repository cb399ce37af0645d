import type { ParquetType } from 'hyparquet'
import { readDeltaLengths, readDeltaLongs } from './delta-encodings.ts'
import { readHybridRuns } from './hybrid-runs.ts'
import { encoding } from './page-header.ts'

/** What a page or a dictionary holds, present values only. Byte arrays stand in `bytes` from `starts[i]` to `ends[i]`. */
export type PageValues =
  | {
      readonly kind: 'bytes'
      readonly bytes: Uint8Array
      readonly starts: Int32Array
      readonly ends: Int32Array
    }
  | { readonly kind: 'long'; readonly values: BigInt64Array }
  | { readonly kind: 'integer'; readonly values: Int32Array }
  | { readonly kind: 'double'; readonly values: Float64Array }
  | { readonly kind: 'boolean'; readonly values: Uint8Array }

/** Physical types whose values are read here. */
export const knownTypes: ReadonlySet<ParquetType> = new Set([
  'BYTE_ARRAY',
  'INT64',
  'INT32',
  'BOOLEAN',
  'FLOAT',
  'DOUBLE',
])

/** Values of a data or dictionary page from `from` on, `count` of them. Throws RangeError for what cannot be. */
export function readPageValues(
  type: ParquetType,
  bytes: Uint8Array,
  from: number,
  spec: { readonly encoding: number; readonly count: number; readonly dictionary: PageValues | undefined },
): PageValues {
  const { count, dictionary } = spec
  switch (spec.encoding) {
    case encoding.plain:
      return plainValues(type, bytes, from, count)
    case encoding.plainDictionary:
    case encoding.rleDictionary: {
      if (count === 0) return emptyValues(type)
      if (dictionary === undefined) throw new RangeError('indices without a dictionary')
      const indices = new Int32Array(count)
      readHybridRuns(bytes, from + 1, bytes.length, bytes[from] ?? 255, indices)
      return lookedUp(dictionary, indices)
    }
    case encoding.rle: {
      if (type !== 'BOOLEAN') break
      const values = new Uint8Array(count)
      readHybridRuns(bytes, from + 4, bytes.length, 1, values)
      return { kind: 'boolean', values }
    }
    case encoding.deltaBinaryPacked: {
      const { values } = readDeltaLongs(bytes, from, count)
      if (values.length < count) throw tooFew()
      if (type === 'INT64') return { kind: 'long', values }
      if (type === 'INT32') return { kind: 'integer', values: Int32Array.from(values, (value) => Number(value)) }
      break
    }
    case encoding.deltaLengthByteArray: {
      const { values: lengths, end } = readDeltaLengths(bytes, from, count)
      if (lengths.length < count) throw tooFew()
      return placed(bytes, end, lengths)
    }
    case encoding.deltaByteArray:
      return prefixed(bytes, from, count)
  }
  throw new RangeError(`a page of encoding ${spec.encoding} for ${type}`)
}

function emptyValues(type: ParquetType): PageValues {
  return plainValues(type, new Uint8Array(0), 0, 0)
}

function plainValues(type: ParquetType, bytes: Uint8Array, from: number, count: number): PageValues {
  const need = (width: number): Uint8Array => {
    const to = from + count * width
    if (to > bytes.length) throw tooFew()
    // A copy stands at a multiple of its values' size, wherever they stand in the page.
    return new Uint8Array(bytes.subarray(from, to))
  }
  switch (type) {
    case 'BYTE_ARRAY': {
      const starts = new Int32Array(count)
      const ends = new Int32Array(count)
      const { length } = bytes
      let at = from
      for (let index = 0; index < count; index++) {
        if (at + 4 > length) throw tooFew()
        const start = at + 4
        const size =
          (bytes[at] as number) |
          ((bytes[at + 1] as number) << 8) |
          ((bytes[at + 2] as number) << 16) |
          ((bytes[at + 3] as number) << 24)
        if (size < 0 || start + size > length) throw tooFew()
        starts[index] = start
        at = start + size
        ends[index] = at
      }
      return { kind: 'bytes', bytes, starts, ends }
    }
    case 'INT64':
      return { kind: 'long', values: new BigInt64Array(need(8).buffer) }
    case 'INT32':
      return { kind: 'integer', values: new Int32Array(need(4).buffer) }
    case 'DOUBLE':
      return { kind: 'double', values: new Float64Array(need(8).buffer) }
    case 'FLOAT':
      return { kind: 'double', values: Float64Array.from(new Float32Array(need(4).buffer)) }
    case 'BOOLEAN': {
      if (bytes.length - from < (count + 7) >> 3) throw tooFew()
      const values = new Uint8Array(count)
      for (let index = 0; index < count; index++)
        values[index] = ((bytes[from + (index >> 3)] as number) >> (index & 7)) & 1
      return { kind: 'boolean', values }
    }
    default:
      throw new RangeError(`a page of ${type}`)
  }
}

function lookedUp(dictionary: PageValues, indices: Int32Array): PageValues {
  const size = dictionary.kind === 'bytes' ? dictionary.starts.length : dictionary.values.length
  for (let index = 0; index < indices.length; index++)
    if ((indices[index] as number) >>> 0 >= size) throw new RangeError('an index beyond its dictionary')
  const pick = <A extends { [slot: number]: unknown }>(into: A, values: A): A => {
    for (let index = 0; index < indices.length; index++) into[index] = values[indices[index] as number]
    return into
  }
  const { length } = indices
  switch (dictionary.kind) {
    case 'bytes': {
      const { bytes, starts, ends } = dictionary
      return {
        kind: 'bytes',
        bytes,
        starts: pick(new Int32Array(length), starts),
        ends: pick(new Int32Array(length), ends),
      }
    }
    case 'long':
      return { kind: 'long', values: pick(new BigInt64Array(length), dictionary.values) }
    case 'integer':
      return { kind: 'integer', values: pick(new Int32Array(length), dictionary.values) }
    case 'double':
      return { kind: 'double', values: pick(new Float64Array(length), dictionary.values) }
    case 'boolean':
      return { kind: 'boolean', values: pick(new Uint8Array(length), dictionary.values) }
  }
}

/** Byte arrays that stand one behind the other. */
function placed(bytes: Uint8Array, from: number, lengths: Int32Array): Extract<PageValues, { kind: 'bytes' }> {
  const starts = new Int32Array(lengths.length)
  const ends = new Int32Array(lengths.length)
  let at = from
  for (let index = 0; index < lengths.length; index++) {
    starts[index] = at
    at += lengths[index] as number
    if (at > bytes.length) throw tooFew()
    ends[index] = at
  }
  return { kind: 'bytes', bytes, starts, ends }
}

/** DELTA_BYTE_ARRAY: how much of the one before each begins with, then the rest. */
function prefixed(bytes: Uint8Array, from: number, count: number): PageValues {
  const prefixes = readDeltaLengths(bytes, from, count)
  const suffixes = readDeltaLengths(bytes, prefixes.end, count)
  if (prefixes.values.length < count || suffixes.values.length < count) throw tooFew()
  const rest = placed(bytes, suffixes.end, suffixes.values)
  const lengths = Int32Array.from(suffixes.values)
  let total = 0
  let before = 0
  for (let index = 0; index < count; index++) {
    const prefix = prefixes.values[index] as number
    if (prefix > before) throw new RangeError('a byte array that begins with more than there was')
    before = prefix + (suffixes.values[index] as number)
    lengths[index] = before
    total += before
  }
  if (total > wholeBytesMax) throw new RangeError('a page of byte arrays that is too large')
  const whole = new Uint8Array(total)
  let at = 0
  let last = 0
  for (let index = 0; index < count; index++) {
    const prefix = prefixes.values[index] as number
    whole.copyWithin(at, last, last + prefix)
    whole.set(bytes.subarray(rest.starts[index], rest.ends[index]), at + prefix)
    last = at
    at += lengths[index] as number
  }
  return placed(whole, 0, lengths)
}

const wholeBytesMax = 1024 * 1024 * 1024

function tooFew(): RangeError {
  return new RangeError('a page ends before its values do')
}
