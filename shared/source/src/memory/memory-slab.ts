import { sha256Hex, type OversizedValue, type RecordSlab } from '@silt/core'
import type { StoredRecord } from './memory-log.ts'

/** Lays records out as a slab covering `[start, nextOffset)`. */
export function memorySlab(
  range: { readonly partition: number; readonly start: number; readonly nextOffset: number },
  records: readonly StoredRecord[],
  recordBytesMax: number,
): RecordSlab {
  const arena = new Arena()
  const oversized = new Map<number, OversizedValue>()
  const count = records.length
  const slab = {
    ...range,
    count,
    offsets: new Float64Array(count),
    timestampsMs: new Float64Array(count),
    keyStarts: new Int32Array(count),
    keyEnds: new Int32Array(count),
    valueStarts: new Int32Array(count),
    valueEnds: new Int32Array(count),
    headerStarts: new Int32Array(count),
    headerEnds: new Int32Array(count),
    oversized,
  }
  for (const [index, record] of records.entries()) {
    const value = toBytes(record.value)
    const held = value === null || value.length <= recordBytesMax
    if (!held) oversized.set(index, { lengthBytes: value.length, sha256Hex: sha256Hex(value) })
    slab.offsets[index] = record.offset
    slab.timestampsMs[index] = record.timestampMs
    arena.put(toBytes(record.key ?? null), index, slab.keyStarts, slab.keyEnds)
    arena.put(held ? value : null, index, slab.valueStarts, slab.valueEnds)
    arena.put(encodeHeaders(record.headers ?? []), index, slab.headerStarts, slab.headerEnds)
  }
  const bytes = arena.bytes()
  return { ...slab, bytes, sizeBytes: bytes.byteLength }
}

class Arena {
  readonly #pieces: Uint8Array[] = []
  #length = 0

  /** Where the piece stands is written to `starts` and `ends`: -1 where there is none. */
  put(piece: Uint8Array | null, index: number, starts: Int32Array, ends: Int32Array): void {
    starts[index] = piece === null ? -1 : this.#length
    if (piece !== null) {
      this.#pieces.push(piece)
      this.#length += piece.length
    }
    ends[index] = piece === null ? -1 : this.#length
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
  return typeof value === 'string' ? encoder.encode(value) : value
}

const encoder = new TextEncoder()
