import type { RecordSlab } from '@silt/core'

export interface SlabRecord {
  readonly offset: number
  readonly timestampMs: number
  readonly key: string | null
  readonly value: string | null
  readonly headers: string | null
}

/** A slab's rows as objects, for comparing. */
export function slabRecords(slab: RecordSlab): SlabRecord[] {
  const text = (starts: Int32Array, ends: Int32Array, row: number): string | null => {
    const start = starts[row] ?? -1
    return start < 0 ? null : Buffer.from(slab.bytes.subarray(start, ends[row])).toString('latin1')
  }
  return Array.from({ length: slab.count }, (_, row) => ({
    offset: slab.offsets[row] ?? -1,
    timestampMs: slab.timestampsMs[row] ?? -1,
    key: text(slab.keyStarts, slab.keyEnds, row),
    value: text(slab.valueStarts, slab.valueEnds, row),
    headers: text(slab.headerStarts, slab.headerEnds, row),
  }))
}
