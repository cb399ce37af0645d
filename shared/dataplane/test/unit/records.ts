import type { OversizedValue, RecordSlab } from '@silt/core'
import { PlaneSlab } from '../../src/batch/plane-slab.ts'
import { fillSlab } from '../../src/scan/slab-view.ts'
import { slabWord } from '../../src/slab/slab-layout.ts'
import type { Engine } from '../../src/wasm/engine.ts'

export interface TestRecord {
  readonly value: Uint8Array | string | null
  readonly key?: Uint8Array | string | null
  /** As Kafka's record format has them. */
  readonly headers?: Uint8Array
  readonly timestampMs?: number
  /** Offsets missing before it. */
  readonly gap?: number
  /** Not held by the source. */
  readonly oversized?: OversizedValue
}

export const recordMs = Date.UTC(2026, 10, 20, 12)

/** Records of one partition as a source hands them over, from offset `start` on. */
export function slabOfRecords(partition: number, start: number, records: readonly TestRecord[]): RecordSlab {
  const count = records.length
  const parts: Uint8Array[] = []
  let bytes = 0
  const spans = (values: readonly (Uint8Array | string | null | undefined)[]) => {
    const starts = new Int32Array(count).fill(-1)
    const ends = new Int32Array(count).fill(-1)
    values.forEach((value, index) => {
      if (value === null || value === undefined) return
      const part = Buffer.from(value)
      parts.push(part)
      starts[index] = bytes
      ends[index] = bytes += part.length
    })
    return { starts, ends }
  }
  const keys = spans(records.map(({ key }) => key))
  const headers = spans(records.map((record) => record.headers))
  const values = spans(records.map(({ value, oversized }) => (oversized === undefined ? value : null)))
  let next = start
  const offsets = Float64Array.from(records, ({ gap = 0 }) => {
    next += gap + 1
    return next - 1
  })
  const oversized = new Map(records.flatMap((record, index) => (record.oversized ? [[index, record.oversized]] : [])))
  return {
    partition,
    start,
    nextOffset: next,
    count,
    offsets,
    timestampsMs: Float64Array.from(records, ({ timestampMs = recordMs }) => timestampMs),
    bytes: new Uint8Array(Buffer.concat(parts)),
    sizeBytes: bytes,
    keyStarts: keys.starts,
    keyEnds: keys.ends,
    valueStarts: values.starts,
    valueEnds: values.ends,
    headerStarts: headers.starts,
    headerEnds: headers.ends,
    oversized,
  }
}

/** The slab as a reader of batches has it in the plane: positions are addresses. `end` gives it back. */
export function planeSlabOf(engine: Engine, slab: RecordSlab): { readonly slab: PlaneSlab; readonly end: () => void } {
  const { exports, words } = engine
  const handle = exports.newSlab(1) >>> 0
  const block = fillSlab(engine, handle, slab)
  words[(handle >> 2) + 7] = 0
  const range = { partition: slab.partition, start: slab.start, nextOffset: slab.nextOffset }
  const plane = new PlaneSlab(engine, handle, range, {
    sizeBytes: slab.sizeBytes,
    oversized: slab.oversized,
  })
  for (const name of ['keyStarts', 'keyEnds', 'valueStarts', 'valueEnds', 'headerStarts', 'headerEnds'] as const) {
    const at = words[(handle >> 2) + slabWord[name]]! >> 2
    for (let index = 0; index < slab.count; index++) if (slab[name][index]! >= 0) words[at + index]! += block
  }
  return {
    slab: plane,
    end: () => {
      exports.release(block)
      exports.releaseSlab(handle)
    },
  }
}
