import type { RecordSlab } from '@silt/core'
import { PlaneSlab } from './plane-slab.ts'

/** The slab for whoever keeps it, or looks at all of its bytes: one that stands in a plane's memory is copied out of it. */
export function copiedSlab(slab: RecordSlab): RecordSlab {
  if (!(slab instanceof PlaneSlab)) return slab
  const { partition, start, nextOffset, count, oversized } = slab
  const keys = spansOf(slab.keyStarts, slab.keyEnds)
  const headers = spansOf(slab.headerStarts, slab.headerEnds)
  const values = spansOf(slab.valueStarts, slab.valueEnds)
  const bytes = new Uint8Array(keys.lengthBytes + headers.lengthBytes + values.lengthBytes)
  let at = 0
  for (const spans of [keys, headers, values]) at = move(spans, slab.bytes, bytes, at)
  return {
    ...{ partition, start, nextOffset, count, bytes, oversized },
    sizeBytes: bytes.byteLength,
    offsets: slab.offsets.slice(),
    timestampsMs: slab.timestampsMs.slice(),
    ...{ keyStarts: keys.starts, keyEnds: keys.ends },
    ...{ headerStarts: headers.starts, headerEnds: headers.ends },
    ...{ valueStarts: values.starts, valueEnds: values.ends },
  }
}

interface Spans {
  readonly starts: Int32Array
  readonly ends: Int32Array
  readonly lengthBytes: number
}

/** Copies: `move` changes them. */
function spansOf(starts: Int32Array, ends: Int32Array): Spans {
  let lengthBytes = 0
  for (let record = 0; record < starts.length; record++)
    if (starts[record]! >= 0) lengthBytes += ends[record]! - starts[record]!
  return { starts: starts.slice(), ends: ends.slice(), lengthBytes }
}

/** Copies the spans' bytes to `into` from `at` on and has the spans say so; returns where they end. */
function move({ starts, ends }: Spans, from: Uint8Array, into: Uint8Array, at: number): number {
  for (let record = 0; record < starts.length; record++) {
    const start = starts[record]!
    if (start < 0) continue
    const end = ends[record]!
    into.set(from.subarray(start, end), at)
    starts[record] = at
    ends[record] = at += end - start
  }
  return at
}
