import { assert } from '@silt/core'

export interface MemoryRecord {
  /** Null is a tombstone. */
  readonly value: Uint8Array | string | null
  readonly key?: Uint8Array | string | null
  readonly headers?: readonly { readonly key: string; readonly value: Uint8Array | string | null }[]
  readonly timestampMs?: number
}

export interface StoredRecord extends MemoryRecord {
  readonly offset: number
  readonly timestampMs: number
}

/**
 * One partition's log.
 *
 * 1. `0 <= logStart <= readableEnd <= highWatermark`.
 * 2. Record offsets ascend strictly within `[logStart, highWatermark)`; missing ones are gaps.
 */
export class MemoryLog {
  #records: StoredRecord[] = []
  #logStart = 0
  #highWatermark = 0
  #lastStableOffset: number | undefined

  get logStart(): number {
    return this.#logStart
  }

  get highWatermark(): number {
    return this.#highWatermark
  }

  get readableEnd(): number {
    return Math.max(this.#logStart, Math.min(this.#lastStableOffset ?? this.#highWatermark, this.#highWatermark))
  }

  append(record: MemoryRecord & { readonly timestampMs: number }): void {
    this.#records.push({ ...record, offset: this.#highWatermark })
    this.#highWatermark += 1
  }

  /** Offsets that hold no record: control records, aborted data, compaction. */
  skip(count: number): void {
    assert(Number.isSafeInteger(count) && count >= 0, 'a gap has a length')
    this.#highWatermark += count
  }

  remove(offsets: ReadonlySet<number>): void {
    this.#records = this.#records.filter(({ offset }) => !offsets.has(offset))
  }

  deleteBelow(offset: number): void {
    this.#logStart = Math.max(this.#logStart, Math.min(offset, this.#highWatermark))
    this.#records = this.#records.filter((record) => record.offset >= this.#logStart)
  }

  /** Loses the end of the log, as an unclean leader election does. */
  truncateTo(endExclusive: number): void {
    this.#highWatermark = Math.max(this.#logStart, Math.min(this.#highWatermark, endExclusive))
    this.#records = this.#records.filter((record) => record.offset < this.#highWatermark)
  }

  holdAt(lastStableOffset: number | undefined): void {
    this.#lastStableOffset = lastStableOffset
  }

  /** Records in `[start, endExclusive)`, at most `limit`. */
  slice(start: number, endExclusive: number, limit: number): readonly StoredRecord[] {
    const first = this.#indexAt(start)
    const end = this.#indexAt(endExclusive)
    return this.#records.slice(first, Math.min(end, first + limit))
  }

  offsetAtTime(timeMs: number): number {
    const found = this.#records.find((record) => record.timestampMs >= timeMs)
    return Math.min(found?.offset ?? this.readableEnd, this.readableEnd)
  }

  /** Index of the first record at or after `offset`. */
  #indexAt(offset: number): number {
    let low = 0
    let high = this.#records.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#records[middle]?.offset ?? Infinity) < offset) low = middle + 1
      else high = middle
    }
    return low
  }
}
