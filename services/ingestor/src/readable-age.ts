/** Kept per partition at most; beyond it they are spaced twice as far. */
const pointsMax = 128
const firstStepMs = 250

interface Point {
  /** Everything below was readable `atMs` or a step later. */
  readonly end: number
  readonly atMs: number
}

/**
 * Since when offsets of one partition have been readable, as seen by someone who looks now and then: a few points of its readable end over time.
 * What was readable before the first look counts from then. Never too young; too old by a 64th of the backlog's age at most, 250 ms at least.
 */
export class ReadableAge {
  #points: Point[] = []
  #stepMs = firstStepMs

  /** Takes one look; offsets below `next` are no longer of interest. A readable end that went back begins anew. */
  look(next: number, readableEnd: number, nowMs: number): void {
    if (readableEnd < (this.#points.at(-1)?.end ?? 0)) this.#points = []
    while ((this.#points[0]?.end ?? Infinity) <= next) this.#points.shift()
    if (this.#points.length === 0) this.#stepMs = firstStepMs
    const last = this.#points.at(-1)
    if (readableEnd <= (last?.end ?? next)) return
    if (last === undefined || nowMs - last.atMs >= this.#stepMs) this.#points.push({ end: readableEnd, atMs: nowMs })
    else this.#points[this.#points.length - 1] = { end: readableEnd, atMs: last.atMs }
    if (this.#points.length <= pointsMax) return
    this.#stepMs *= 2
    this.#points = this.#points.flatMap((point, index) => {
      const following = this.#points[index + 1]
      if (index % 2 === 1) return []
      return [{ end: following?.end ?? point.end, atMs: point.atMs }]
    })
  }

  /** How long the offset `next` has been readable, ms; 0 where it is not. */
  ageMs(next: number, nowMs: number): number {
    const since = this.#points.find((point) => point.end > next)
    return since === undefined ? 0 : Math.max(0, nowMs - since.atMs)
  }
}
