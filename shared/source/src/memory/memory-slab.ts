import { createHash } from 'node:crypto'
import type { OversizedValue, RecordSlab } from '@silt/core'
import type { StoredRecord } from './memory-log.ts'

/** Lays records out as a slab covering `[start, nextOffset)`. */
export function memorySlab(
  range: { readonly partition: number; readonly start: number; readonly nextOffset: number },
  records: readonly StoredRecord[],
  recordBytesMax: number,
): RecordSlab {
  const arena = new Arena()
  const oversized = new Map<number, OversizedValue>()
  const columns = records.map((record, index) => {
    const value = toBytes(record.value)
    const held = value === null || value.length <= recordBytesMax
    if (!held)
      oversized.set(index, { lengthBytes: value.length, sha256Hex: createHash('sha256').update(value).digest('hex') })
    return {
      key: arena.put(toBytes(record.key ?? null)),
      value: arena.put(held ? value : null),
      headers: arena.put(encodeHeaders(record.headers ?? [])),
    }
  })
  return {
    ...range,
    count: records.length,
    offsets: Float64Array.from(records, ({ offset }) => offset),
    timestampsMs: Float64Array.from(records, ({ timestampMs }) => timestampMs),
    bytes: arena.bytes(),
    keyStarts: Int32Array.from(columns, ({ key }) => key.start),
    keyEnds: Int32Array.from(columns, ({ key }) => key.end),
    valueStarts: Int32Array.from(columns, ({ value }) => value.start),
    valueEnds: Int32Array.from(columns, ({ value }) => value.end),
    headerStarts: Int32Array.from(columns, ({ headers }) => headers.start),
    headerEnds: Int32Array.from(columns, ({ headers }) => headers.end),
    oversized,
  }
}

const absent = Object.freeze({ start: -1, end: -1 })

class Arena {
  readonly #pieces: Uint8Array[] = []
  #length = 0

  put(piece: Uint8Array | null): { readonly start: number; readonly end: number } {
    if (piece === null) return absent
    const start = this.#length
    this.#pieces.push(piece)
    this.#length += piece.length
    return { start, end: this.#length }
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#length)
    let position = 0
    for (const piece of this.#pieces) {
      bytes.set(piece, position)
      position += piece.length
    }
    return bytes
  }
}

/** The slab's header format; null where there are none. */
function encodeHeaders(
  headers: readonly { readonly key: string; readonly value: Uint8Array | string | null }[],
): Uint8Array | null {
  if (headers.length === 0) return null
  const out: number[] = []
  putVarint(out, headers.length)
  for (const header of headers) {
    const key = toBytes(header.key) ?? new Uint8Array(0)
    const value = toBytes(header.value)
    putVarint(out, key.length)
    for (const byte of key) out.push(byte)
    putVarint(out, value === null ? -1 : value.length)
    for (const byte of value ?? []) out.push(byte)
  }
  return Uint8Array.from(out)
}

function putVarint(out: number[], value: number): void {
  let rest = ((value << 1) ^ (value >> 31)) >>> 0
  while (rest > 0x7f) {
    out.push((rest & 0x7f) | 0x80)
    rest >>>= 7
  }
  out.push(rest)
}

function toBytes(value: Uint8Array | string | null): Uint8Array | null {
  return typeof value === 'string' ? new TextEncoder().encode(value) : value
}
