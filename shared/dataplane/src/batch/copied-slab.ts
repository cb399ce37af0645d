import type { RecordSlab } from '@silt/core'
import { moveSpans, spansLength, type Spans } from '../slab/spans.ts'
import { PlaneSlab } from './plane-slab.ts'

/** The slab for whoever keeps it, or looks at all of its bytes: one that stands in a plane's memory is copied out of it. */
export function copiedSlab(slab: RecordSlab): RecordSlab {
  if (!(slab instanceof PlaneSlab)) return slab
  const { partition, start, nextOffset, count, oversized } = slab
  const keys = copied(slab.keyStarts, slab.keyEnds)
  const headers = copied(slab.headerStarts, slab.headerEnds)
  const values = copied(slab.valueStarts, slab.valueEnds)
  const bytes = new Uint8Array(spansLength(keys) + spansLength(headers) + spansLength(values))
  let at = 0
  for (const spans of [keys, headers, values]) at = moveSpans(spans, slab.bytes, bytes, at)
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

/** A copy: `moveSpans` changes it. */
function copied(starts: Int32Array, ends: Int32Array): Spans {
  return { starts: starts.slice(), ends: ends.slice() }
}
