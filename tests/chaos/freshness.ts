/** How far the table was behind what could be read, at one moment. Times are wall times, ms. */
export interface Sample {
  readonly atMs: number
  /**
   * Age of the oldest event that a reader which is not ours could read and the table did not hold, counted from when the broker appended it;
   * 0 when there is none.
   */
  readonly ageMs: number
  /** Age of the newest event that reader has read: what it does not see it cannot miss. */
  readonly seenAgeMs: number
}

/** A fault as it really was. */
export interface Struck {
  readonly window: number
  readonly what: string
  readonly fromMs: number
  readonly toMs: number
}

export interface WindowFreshness {
  readonly window: number
  readonly faults: number
  /** From the end of the window's last fault until the table was fresh and stayed so, ms; undefined when it did not get there. */
  readonly freshAfterMs: number | undefined
  /** Worst age of the calm that counts: from a minute after the last fault on. */
  readonly calmAgeMs: number
  readonly isFresh: boolean
  /** The longest an event had to wait in this window, and the faults of that time, those of most weight first. */
  readonly longestStallMs: number
  readonly stalledFromMs: number
  readonly causes: readonly string[]
}

export const freshMs = 30_000
export const freshWithinMs = 60_000
/** Faults that ended so little before a stall began may have made it: caches, back-offs and leases outlive their cause. */
const afterEffectMs = 5_000
const causesMax = 5

/**
 * Judges one window by its samples and its faults: fresh means that from some moment within a minute after the last fault on, no event waited for
 * half a minute, and that somebody was there to see it. A window without samples in its calm is not fresh.
 */
export function judgeWindow(window: number, samples: readonly Sample[], faults: readonly Struck[]): WindowFreshness {
  const lastFaultMs = Math.max(...faults.map(({ toMs }) => toMs), samples[0]?.atMs ?? 0)
  const calm = samples.filter(({ atMs }) => atMs >= lastFaultMs)
  const lastStale = calm.findLastIndex((sample) => !isFresh(sample))
  const freshFrom = calm[lastStale + 1]
  const freshAfterMs = freshFrom === undefined ? undefined : freshFrom.atMs - lastFaultMs
  const due = calm.filter(({ atMs }) => atMs >= lastFaultMs + freshWithinMs)
  const worst = samples.reduce<Sample | undefined>((a, b) => (a === undefined || b.ageMs > a.ageMs ? b : a), undefined)
  const stalledFromMs = worst === undefined ? 0 : worst.atMs - worst.ageMs
  return {
    window,
    faults: faults.length,
    freshAfterMs,
    calmAgeMs: Math.max(0, ...due.map(({ ageMs }) => ageMs)),
    isFresh: due.length > 0 && freshAfterMs !== undefined && freshAfterMs <= freshWithinMs,
    longestStallMs: worst?.ageMs ?? 0,
    stalledFromMs,
    causes: worst === undefined ? [] : causesOf(stalledFromMs, worst.atMs, faults),
  }
}

function isFresh({ ageMs, seenAgeMs }: Sample): boolean {
  return ageMs < freshMs && seenAgeMs < freshMs
}

/** Faults that were there while events waited, by how long they overlap with the wait; those that made it begin are first. */
function causesOf(fromMs: number, toMs: number, faults: readonly Struck[]): readonly string[] {
  return faults
    .filter((fault) => fault.fromMs <= toMs && fault.toMs + afterEffectMs >= fromMs)
    .map((fault) => {
      const overlapMs = Math.min(fault.toMs + afterEffectMs, toMs) - Math.max(fault.fromMs, fromMs)
      return { what: fault.what, overlapMs, isFirst: fault.fromMs <= fromMs }
    })
    .sort((a, b) => Number(b.isFirst) - Number(a.isFirst) || b.overlapMs - a.overlapMs)
    .slice(0, causesMax)
    .map(({ what }) => what)
}
