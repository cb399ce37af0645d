import { eventTableSchema } from '@silt/contracts'
import type { EncodeSpec, RecordSlab } from '@silt/core'

export const encodeSpec: EncodeSpec = Object.freeze({
  topic: 'events',
  topicId: 'id',
  cutAtMs: 1_700_000_000_000,
  failedAtMs: 1_700_000_000_000,
  schema: eventTableSchema,
  partitionColumns: [],
  evolution: 'add',
  columnsMax: 200,
  recordBytesMax: 1 << 20,
})

/** Records without gaps, keys or headers, from `start` on. */
export function slabOf(partition: number, start: number, values: readonly string[]): RecordSlab {
  const encoded = values.map((value) => Buffer.from(value))
  const ends: number[] = []
  for (const value of encoded) ends.push((ends.at(-1) ?? 0) + value.length)
  const none = (): Int32Array => new Int32Array(values.length).fill(-1)
  const bytes = new Uint8Array(ends.at(-1) ?? 0)
  encoded.forEach((value, k) => bytes.set(value, (ends[k] ?? 0) - value.length))
  return {
    partition,
    start,
    nextOffset: start + values.length,
    count: values.length,
    offsets: Float64Array.from(values, (_, k) => start + k),
    timestampsMs: Float64Array.from(values, (_, k) => 1_700_000_000_000 + k),
    bytes,
    sizeBytes: bytes.byteLength,
    keyStarts: none(),
    keyEnds: none(),
    valueStarts: Int32Array.from(ends, (end, k) => end - (encoded[k]?.length ?? 0)),
    valueEnds: Int32Array.from(ends),
    headerStarts: none(),
    headerEnds: none(),
    oversized: new Map([[values.length + 1, { lengthBytes: 1, sha256Hex: 'f' }]]),
  }
}
