import type { RecordSlab } from '@silt/core'

/** One record that any decoder takes. */
export function soundRecord(timestampMs: number): RecordSlab {
  const bytes = new TextEncoder().encode('{} ')
  const none = (): Int32Array => Int32Array.of(-1)
  return {
    partition: 0,
    start: 0,
    nextOffset: 1,
    count: 1,
    offsets: Float64Array.of(0),
    timestampsMs: Float64Array.of(timestampMs),
    bytes,
    sizeBytes: bytes.byteLength,
    keyStarts: none(),
    keyEnds: none(),
    valueStarts: Int32Array.of(0),
    valueEnds: Int32Array.of(2),
    headerStarts: none(),
    headerEnds: none(),
    oversized: new Map(),
  }
}
