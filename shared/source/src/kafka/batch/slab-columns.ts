import type { RecordSlab } from '@silt/core'

const INITIAL_ROWS = 1024

type Columns = Omit<RecordSlab, 'partition' | 'start' | 'nextOffset' | 'bytes' | 'sizeBytes' | 'oversized'>

/** The parallel arrays of a slab while it grows. */
export class SlabColumns {
  count = 0
  offsets = new Float64Array(INITIAL_ROWS)
  timestampsMs = new Float64Array(INITIAL_ROWS)
  keyStarts = new Int32Array(INITIAL_ROWS)
  keyEnds = new Int32Array(INITIAL_ROWS)
  valueStarts = new Int32Array(INITIAL_ROWS)
  valueEnds = new Int32Array(INITIAL_ROWS)
  headerStarts = new Int32Array(INITIAL_ROWS)
  headerEnds = new Int32Array(INITIAL_ROWS)

  /** Room for `extra` more rows. */
  reserve(extra: number): void {
    const needed = this.count + extra
    if (needed <= this.offsets.length) return
    const rows = Math.max(needed, this.offsets.length * 2)
    this.offsets = grownFloats(this.offsets, rows)
    this.timestampsMs = grownFloats(this.timestampsMs, rows)
    this.keyStarts = grownInts(this.keyStarts, rows)
    this.keyEnds = grownInts(this.keyEnds, rows)
    this.valueStarts = grownInts(this.valueStarts, rows)
    this.valueEnds = grownInts(this.valueEnds, rows)
    this.headerStarts = grownInts(this.headerStarts, rows)
    this.headerEnds = grownInts(this.headerEnds, rows)
  }

  /** Copies of exactly the rows there are; empty after it. */
  take(): Columns {
    const { count } = this
    this.count = 0
    return {
      count,
      offsets: this.offsets.slice(0, count),
      timestampsMs: this.timestampsMs.slice(0, count),
      keyStarts: this.keyStarts.slice(0, count),
      keyEnds: this.keyEnds.slice(0, count),
      valueStarts: this.valueStarts.slice(0, count),
      valueEnds: this.valueEnds.slice(0, count),
      headerStarts: this.headerStarts.slice(0, count),
      headerEnds: this.headerEnds.slice(0, count),
    }
  }
}

function grownFloats(column: Float64Array<ArrayBuffer>, rows: number): Float64Array<ArrayBuffer> {
  const grown = new Float64Array(rows)
  grown.set(column)
  return grown
}

function grownInts(column: Int32Array<ArrayBuffer>, rows: number): Int32Array<ArrayBuffer> {
  const grown = new Int32Array(rows)
  grown.set(column)
  return grown
}
