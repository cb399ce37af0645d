import type { OversizedValue, RecordSlab } from '@silt/core'
import type { SlabHandle } from '../scan/scan-exports.ts'
import { slabWord } from '../slab/slab-layout.ts'
import type { Engine } from '../wasm/engine.ts'

/**
 * A slab whose arrays and bytes stand in the plane's memory: `handle` is for the scan, the views for whoever reads it as any other slab.
 * Positions are addresses: `bytes` is all of the memory. Valid until its reader is asked for more.
 */
export class PlaneSlab implements RecordSlab {
  readonly handle: SlabHandle
  readonly partition: number
  readonly start: number
  readonly nextOffset: number
  readonly count: number
  /** Bytes of the batches, decompressed. */
  readonly sizeBytes: number
  readonly bytes: Uint8Array
  readonly oversized: ReadonlyMap<number, OversizedValue>
  readonly #plane: Engine

  constructor(
    plane: Engine,
    handle: SlabHandle,
    range: Pick<RecordSlab, 'partition' | 'start' | 'nextOffset'>,
    content: { readonly sizeBytes: number; readonly oversized: ReadonlyMap<number, OversizedValue> },
  ) {
    this.#plane = plane
    this.handle = handle
    this.partition = range.partition
    this.start = range.start
    this.nextOffset = range.nextOffset
    this.count = this.#word('count')
    this.sizeBytes = content.sizeBytes
    this.bytes = plane.bytes
    this.oversized = content.oversized
  }

  get offsets(): Float64Array {
    return this.#floats('offsets')
  }

  get timestampsMs(): Float64Array {
    return this.#floats('timestamps')
  }

  get keyStarts(): Int32Array {
    return this.#ints('keyStarts')
  }

  get keyEnds(): Int32Array {
    return this.#ints('keyEnds')
  }

  get valueStarts(): Int32Array {
    return this.#ints('valueStarts')
  }

  get valueEnds(): Int32Array {
    return this.#ints('valueEnds')
  }

  get headerStarts(): Int32Array {
    return this.#ints('headerStarts')
  }

  get headerEnds(): Int32Array {
    return this.#ints('headerEnds')
  }

  #word(name: keyof typeof slabWord): number {
    return this.#plane.words[(this.handle >>> 2) + slabWord[name]] as number
  }

  #floats(name: 'offsets' | 'timestamps'): Float64Array {
    return new Float64Array(this.#plane.bytes.buffer, this.#word(name), this.count)
  }

  #ints(name: 'keyStarts' | 'keyEnds' | 'valueStarts' | 'valueEnds' | 'headerStarts' | 'headerEnds'): Int32Array {
    return new Int32Array(this.#plane.bytes.buffer, this.#word(name), this.count)
  }
}
