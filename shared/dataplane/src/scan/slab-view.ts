import type { OversizedValue, RecordSlab } from '@silt/core'
import { slabWord } from '../slab/slab-layout.ts'
import { moveSpans, spansLength, type Spans } from '../slab/spans.ts'
import type { Engine } from '../wasm/engine.ts'
import type { SlabHandle } from './scan-exports.ts'

/** What became of a record of a slab, a byte each: not looked at, a row, or left to the exact path. */
export const recordOutcome = { pending: 0, row: 1, refused: 2 } as const

/** A slab in the plane's memory. What its getters give are views: they hold until the slab is cleared, filled or released. */
export class SlabView {
  readonly handle: SlabHandle
  readonly #engine: Engine

  constructor(engine: Engine, handle: SlabHandle) {
    this.#engine = engine
    this.handle = handle
  }

  get count(): number {
    return this.#word(slabWord.count)
  }

  /** A `recordOutcome` a record. */
  get outcomes(): Uint8Array {
    return this.#engine.bytes.subarray(this.#word(slabWord.outcomes), this.#word(slabWord.outcomes) + this.count)
  }

  /**
   * The records from `from` to before `to` that are left to the exact path, with copies of their bytes: `offsets` skip the others, which are no gaps. It
   * covers the stretch from the first of those records, or the slab's start, to the one behind the last, or the slab's end. `oversized` are values that
   * the source does not hold, by index in this slab.
   */
  refused(oversized: ReadonlyMap<number, OversizedValue> = new Map(), from = 0, to = this.count): RecordSlab {
    const indices = refusedIndices(this.outcomes.subarray(0, to), from)
    const count = indices.length
    const pick = <T extends Float64Array | Int32Array>(from: T, into: T): T => {
      for (let record = 0; record < count; record++) into[record] = from[indices[record]!]!
      return into
    }
    const spans = [
      [slabWord.keyStarts, slabWord.keyEnds],
      [slabWord.headerStarts, slabWord.headerEnds],
      [slabWord.valueStarts, slabWord.valueEnds],
    ] as const
    const [keys, headers, values] = spans.map(([starts, ends]) => ({
      starts: pick(this.#integers(starts), new Int32Array(count)),
      ends: pick(this.#integers(ends), new Int32Array(count)),
    })) as [Spans, Spans, Spans]
    // One byte behind the last value, where the exact path puts its sentinel.
    const bytes = new Uint8Array(spansLength(keys) + spansLength(headers) + spansLength(values) + 1)
    let at = 0
    const own = this.#engine.bytes.subarray(this.#word(slabWord.bytes))
    for (const each of [keys, headers, values]) at = moveSpans(each, own, bytes, at)
    const held = new Map<number, OversizedValue>()
    for (const [record, index] of indices.entries()) {
      const value = oversized.get(index)
      if (value !== undefined) held.set(record, value)
    }
    return {
      partition: this.#engine.view.getInt32(this.handle + slabWord.partition * 4, true),
      start: from === 0 ? this.#float(slabWord.start) : this.#floats(slabWord.offsets)[from]!,
      nextOffset: to === this.count ? this.#float(slabWord.nextOffset) : this.#floats(slabWord.offsets)[to]!,
      count,
      offsets: pick(this.#floats(slabWord.offsets), new Float64Array(count)),
      timestampsMs: pick(this.#floats(slabWord.timestamps), new Float64Array(count)),
      bytes,
      sizeBytes: bytes.byteLength,
      keyStarts: keys.starts,
      keyEnds: keys.ends,
      valueStarts: values.starts,
      valueEnds: values.ends,
      headerStarts: headers.starts,
      headerEnds: headers.ends,
      oversized: held,
    }
  }

  #word(index: number): number {
    return this.#engine.words[(this.handle >> 2) + index]!
  }

  #float(index: number): number {
    return this.#engine.view.getFloat64(this.handle + index * 4, true)
  }

  #floats(index: number): Float64Array {
    return new Float64Array(this.#engine.bytes.buffer, this.#word(index), this.count)
  }

  #integers(index: number): Int32Array {
    return new Int32Array(this.#engine.bytes.buffer, this.#word(index), this.count)
  }
}

/**
 * Makes the slab a copy of one outside the plane's memory, for sources that the plane does not read itself; the caller releases the block returned, which
 * holds its bytes. Values a source does not hold have no position: they are refused.
 */
export function fillSlab(engine: Engine, handle: SlabHandle, slab: RecordSlab): number {
  const { exports, words, view } = engine
  exports.clearSlab(handle)
  exports.reserveRecords(handle, slab.count)
  const block = engine.copyIn(slab.bytes)
  const first = handle >> 2
  view.setFloat64(handle + slabWord.start * 4, slab.start, true)
  view.setFloat64(handle + slabWord.nextOffset * 4, slab.nextOffset, true)
  view.setInt32(handle + slabWord.partition * 4, slab.partition, true)
  words[first + slabWord.count] = slab.count
  words[first + slabWord.bytes] = block
  words[first + slabWord.bytesEnd] = block + slab.bytes.byteLength
  const put = (index: number, from: Float64Array | Int32Array): void => {
    const source = new Uint8Array(from.buffer, from.byteOffset, slab.count * from.BYTES_PER_ELEMENT)
    engine.bytes.set(source, words[first + index])
  }
  put(slabWord.offsets, slab.offsets)
  put(slabWord.timestamps, slab.timestampsMs)
  put(slabWord.keyStarts, slab.keyStarts)
  put(slabWord.keyEnds, slab.keyEnds)
  put(slabWord.valueStarts, slab.valueStarts)
  put(slabWord.valueEnds, slab.valueEnds)
  put(slabWord.headerStarts, slab.headerStarts)
  put(slabWord.headerEnds, slab.headerEnds)
  const outcomes = words[first + slabWord.outcomes]!
  engine.bytes.fill(recordOutcome.pending, outcomes, outcomes + slab.count)
  return block
}

/** Mostly none: the search for the next is native. */
function refusedIndices(outcomes: Uint8Array, from: number): number[] {
  const indices: number[] = []
  let index = outcomes.indexOf(recordOutcome.refused, from)
  while (index >= 0) {
    indices.push(index)
    index = outcomes.indexOf(recordOutcome.refused, index + 1)
  }
  return indices
}
