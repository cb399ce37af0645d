import type { OversizedValue, RecordSlab } from '@silt/core'
import type { Engine } from '../wasm/engine.ts'
import type { SlabHandle } from './scan-exports.ts'

/** What became of a record of a slab, a byte each: not looked at, a row, or left to the exact path. */
export const recordOutcome = { pending: 0, row: 1, refused: 2 } as const

/** Where the fields of assembly/slab/slab.ts stand, in 32-bit words. */
const word = {
  start: 0,
  nextOffset: 2,
  partition: 4,
  count: 5,
  bytes: 7,
  bytesEnd: 8,
  offsets: 9,
  timestamps: 10,
  keyStarts: 11,
  keyEnds: 12,
  valueStarts: 13,
  valueEnds: 14,
  headerStarts: 15,
  headerEnds: 16,
  outcomes: 17,
} as const

/** A slab in the plane's memory. What its getters give are views: they hold until the slab is cleared, filled or released. */
export class SlabView {
  readonly handle: SlabHandle
  readonly #engine: Engine

  constructor(engine: Engine, handle: SlabHandle) {
    this.#engine = engine
    this.handle = handle
  }

  get count(): number {
    return this.#word(word.count)
  }

  /** A `recordOutcome` a record. */
  get outcomes(): Uint8Array {
    return this.#engine.bytes.subarray(this.#word(word.outcomes), this.#word(word.outcomes) + this.count)
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
      [word.keyStarts, word.keyEnds],
      [word.headerStarts, word.headerEnds],
      [word.valueStarts, word.valueEnds],
    ] as const
    const [keys, headers, values] = spans.map(([starts, ends]) => ({
      starts: pick(this.#integers(starts), new Int32Array(count)),
      ends: pick(this.#integers(ends), new Int32Array(count)),
    })) as [Spans, Spans, Spans]
    // One byte behind the last value, where the exact path puts its sentinel.
    const bytes = new Uint8Array(lengthOf(keys) + lengthOf(headers) + lengthOf(values) + 1)
    let at = 0
    for (const each of [keys, headers, values]) at = this.#copy(each, bytes, at)
    const held = new Map<number, OversizedValue>()
    for (const [record, index] of indices.entries()) {
      const value = oversized.get(index)
      if (value !== undefined) held.set(record, value)
    }
    return {
      partition: this.#engine.view.getInt32(this.handle + word.partition * 4, true),
      start: from === 0 ? this.#float(word.start) : this.#floats(word.offsets)[from]!,
      nextOffset: to === this.count ? this.#float(word.nextOffset) : this.#floats(word.offsets)[to]!,
      count,
      offsets: pick(this.#floats(word.offsets), new Float64Array(count)),
      timestampsMs: pick(this.#floats(word.timestamps), new Float64Array(count)),
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

  /** Moves the spans' bytes to `into` from `at` on and lets the spans say so; returns where they end. */
  #copy(spans: Spans, into: Uint8Array, at: number): number {
    const base = this.#word(word.bytes)
    for (let record = 0; record < spans.starts.length; record++) {
      const start = spans.starts[record]!
      if (start < 0) continue
      const end = spans.ends[record]!
      into.set(this.#engine.bytes.subarray(base + start, base + end), at)
      spans.starts[record] = at
      spans.ends[record] = at += end - start
    }
    return at
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
  view.setFloat64(handle + word.start * 4, slab.start, true)
  view.setFloat64(handle + word.nextOffset * 4, slab.nextOffset, true)
  view.setInt32(handle + word.partition * 4, slab.partition, true)
  words[first + word.count] = slab.count
  words[first + word.bytes] = block
  words[first + word.bytesEnd] = block + slab.bytes.byteLength
  const put = (index: number, from: Float64Array | Int32Array): void => {
    const source = new Uint8Array(from.buffer, from.byteOffset, slab.count * from.BYTES_PER_ELEMENT)
    engine.bytes.set(source, words[first + index])
  }
  put(word.offsets, slab.offsets)
  put(word.timestamps, slab.timestampsMs)
  put(word.keyStarts, slab.keyStarts)
  put(word.keyEnds, slab.keyEnds)
  put(word.valueStarts, slab.valueStarts)
  put(word.valueEnds, slab.valueEnds)
  put(word.headerStarts, slab.headerStarts)
  put(word.headerEnds, slab.headerEnds)
  const outcomes = words[first + word.outcomes]!
  engine.bytes.fill(recordOutcome.pending, outcomes, outcomes + slab.count)
  return block
}

interface Spans {
  readonly starts: Int32Array
  readonly ends: Int32Array
}

function lengthOf({ starts, ends }: Spans): number {
  return starts.reduce((sum, start, record) => (start < 0 ? sum : sum + ends[record]! - start), 0)
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
