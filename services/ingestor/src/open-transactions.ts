/** What an open transaction holds back in one partition. */
export interface HeldBack {
  /** Offsets written and not readable yet. */
  readonly offsets: number
  /** Since when the last stable offset has stood where it stands while something is held back. */
  readonly stuckMs: number
}

interface Seen {
  readonly highWatermark: number
  readonly readableEnd: number
  readonly sinceMs: number
}

/**
 * How long the last stable offset of each partition has stood still below the high watermark: a transaction that nobody ends keeps everything after
 * it from being read (a hanging transaction). One answer is kept per partition.
 */
export class OpenTransactions {
  readonly #seen = new Map<number, Seen>()

  /** Takes what the source says of these partitions now; all others are forgotten. */
  look(highWatermarks: ReadonlyMap<number, number>, readableEnds: ReadonlyMap<number, number>, nowMs: number): void {
    for (const partition of this.#seen.keys()) if (!readableEnds.has(partition)) this.#seen.delete(partition)
    for (const [partition, readableEnd] of readableEnds) {
      const highWatermark = highWatermarks.get(partition)
      if (highWatermark === undefined) continue
      const before = this.#seen.get(partition)
      const isStill =
        before !== undefined && before.readableEnd === readableEnd && before.highWatermark > before.readableEnd
      this.#seen.set(partition, { highWatermark, readableEnd, sinceMs: isStill ? before.sinceMs : nowMs })
    }
  }

  /** Nothing is held back where the readable end has moved on since the source was asked. */
  of(partition: number, readableEnd: number, nowMs: number): HeldBack {
    const seen = this.#seen.get(partition)
    if (seen === undefined || seen.highWatermark <= readableEnd) return { offsets: 0, stuckMs: 0 }
    const stuckMs = seen.readableEnd === readableEnd ? Math.max(0, nowMs - seen.sinceMs) : 0
    return { offsets: seen.highWatermark - readableEnd, stuckMs }
  }
}
