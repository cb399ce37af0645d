interface Bucket {
  readonly appendMs: number
  readonly lastOffset: number
}

/** What can be read and is not in the table yet, by when the broker appended it. */
export class Backlog {
  readonly #waiting = new Map<number, Bucket[]>()
  readonly #next = new Map<number, number>()
  #newestMs = 0

  /** The records of a partition up to `lastOffset` that were appended in the half second from `appendMs` on. Of a partition, in order. */
  read(partition: number, appendMs: number, lastOffset: number): void {
    this.#newestMs = Math.max(this.#newestMs, appendMs)
    if (lastOffset < (this.#next.get(partition) ?? 0)) return
    const buckets = this.#waiting.get(partition) ?? []
    this.#waiting.set(partition, buckets)
    buckets.push({ appendMs, lastOffset })
  }

  /** The table holds everything of a partition below `next`. */
  committed(partition: number, next: number): void {
    if (next <= (this.#next.get(partition) ?? 0)) return
    this.#next.set(partition, next)
    const buckets = this.#waiting.get(partition)
    while (buckets?.[0] !== undefined && buckets[0].lastOffset < next) buckets.shift()
  }

  /** Age of the oldest that waits; 0 when nothing does. */
  ageMs(nowMs: number): number {
    const oldest = Math.min(...[...this.#waiting.values()].map((buckets) => buckets[0]?.appendMs ?? Infinity))
    return oldest === Infinity ? 0 : Math.max(0, nowMs - oldest)
  }

  /** Age of the newest that was read. */
  seenAgeMs(nowMs: number): number {
    return nowMs - this.#newestMs
  }
}
