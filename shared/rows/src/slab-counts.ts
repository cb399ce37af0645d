import { assert, type OffsetRange, type RangeCounts, type RecordSlab } from '@silt/core'

/** Counts of one slab, in the making. */
export interface SlabCount {
  readonly partition: number
  readonly start: number
  endExclusive: number
  rows: number
  deadLetters: number
}

/** How many records of which stretch of offsets became what; one entry a slab. */
export class SlabCounts {
  readonly #slabs: SlabCount[] = []

  /** Opens a slab's entry; records are counted into the last one opened. */
  open(slab: RecordSlab): SlabCount {
    const count = {
      partition: slab.partition,
      start: slab.start,
      endExclusive: slab.nextOffset,
      rows: 0,
      deadLetters: 0,
    }
    this.#slabs.push(count)
    return count
  }

  /**
   * The counts by range, in the order given. A range ends where the unit became full, if it did so within it; ranges that were not begun by then are
   * empty, `[start, start)`.
   */
  byRange(
    ranges: readonly OffsetRange[],
    fullAt: { readonly partition: number; readonly offset: number } | undefined,
  ): RangeCounts[] {
    let isCut = false
    let counted = 0
    const counts = ranges.map(({ partition, start, endExclusive }) => {
      const cutsHere =
        !isCut && fullAt?.partition === partition && fullAt.offset >= start && fullAt.offset < endExclusive
      const end = cutsHere ? fullAt.offset : isCut ? start : endExclusive
      isCut ||= cutsHere
      let rows = 0
      let deadLetters = 0
      for (const slab of this.#slabs) {
        if (slab.partition !== partition || slab.start < start || slab.start >= end) continue
        assert(slab.endExclusive <= end, 'a slab lies within one range')
        rows += slab.rows
        deadLetters += slab.deadLetters
        counted++
      }
      const read = rows + deadLetters
      return { partition, start, endExclusive: end, read, rows, deadLetters, gaps: end - start - read }
    })
    const nonEmpty = this.#slabs.filter((slab) => slab.start < slab.endExclusive)
    assert(counted >= nonEmpty.length, 'every slab pushed belongs to a range')
    assert(fullAt === undefined || isCut, 'the unit became full within a range')
    return counts
  }
}
