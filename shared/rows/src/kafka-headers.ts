/** One header as received; the value null where the producer sent none. */
export interface KafkaHeader {
  readonly key: string
  readonly value: Uint8Array | null
}

/**
 * Headers from a slab's bytes, `count:varint (keyLength:varint key valueLength:varint(-1 = null) value){count}`, varints zigzag.
 * Undefined if the bytes are not that. Keys that are not UTF-8 get U+FFFD where they are not.
 */
export function decodeKafkaHeaders(bytes: Uint8Array, start: number, end: number): KafkaHeader[] | undefined {
  const cursor = { position: start }
  const count = readVarint(bytes, cursor, end)
  // A header is two bytes at least: a larger count is a lie, and no reason to allocate for it.
  if (count === undefined || count < 0 || count > (end - start) / 2) return undefined
  const headers: KafkaHeader[] = []
  for (let index = 0; index < count; index++) {
    const key = readBytes(bytes, cursor, end)
    if (key === undefined || key === null) return undefined
    const value = readBytes(bytes, cursor, end)
    if (value === undefined) return undefined
    headers.push({ key: Buffer.from(key).toString(), value })
  }
  return cursor.position === end ? headers : undefined
}

function readBytes(bytes: Uint8Array, cursor: { position: number }, end: number): Uint8Array | null | undefined {
  const length = readVarint(bytes, cursor, end)
  if (length === undefined || length > end - cursor.position) return undefined
  if (length < 0) return length === -1 ? null : undefined
  const start = cursor.position
  cursor.position += length
  return bytes.subarray(start, start + length)
}

function readVarint(bytes: Uint8Array, cursor: { position: number }, end: number): number | undefined {
  let value = 0
  for (let shift = 0; shift < 35; shift += 7) {
    if (cursor.position >= end) return undefined
    const byte = bytes[cursor.position++]!
    value |= (byte & 0x7f) << shift
    if (byte < 0x80) return (value >>> 1) ^ -(value & 1)
  }
  return undefined
}
