/** When the next small unit may be cut, and what is learnt of the way from cut to commit queue. */
export interface Pacing {
  /** Wall time of the committer's next slot for small units, ms; 0: none known. */
  readonly nextSlotMs: number
  /** Mean and mean deviation of the time from cutting a small unit to its writer's answer. */
  readonly leadMs: number
  readonly leadDeviationMs: number
}

const firstLeadMs = 150
const firstLeadDeviationMs = 50
/** Weights of a new observation, as in TCP's round-trip estimate (RFC 6298 § 2). */
const meanWeight = 1 / 8
const deviationWeight = 1 / 4
/** A unit that misses its slot waits a whole interval more, one that is early only a little. */
const leadDeviations = 4

export function firstPacing(): Pacing {
  return Object.freeze({ nextSlotMs: 0, leadMs: firstLeadMs, leadDeviationMs: firstLeadDeviationMs })
}

/**
 * The slot a notice names. It was sent right after a commit, so the slot is at most one interval away:
 * a committer whose clock runs ahead cannot hold cuts back longer.
 */
export function withSlot(pacing: Pacing, nextSlotMs: number, nowMs: number, commitIntervalMinMs: number): Pacing {
  const slot = Math.min(nextSlotMs, nowMs + commitIntervalMinMs)
  return slot > pacing.nextSlotMs || pacing.nextSlotMs > nowMs + commitIntervalMinMs
    ? Object.freeze({ ...pacing, nextSlotMs: slot })
    : pacing
}

export function withLead(pacing: Pacing, observedMs: number): Pacing {
  const error = observedMs - pacing.leadMs
  return Object.freeze({
    ...pacing,
    leadMs: pacing.leadMs + error * meanWeight,
    leadDeviationMs: pacing.leadDeviationMs + (Math.abs(error) - pacing.leadDeviationMs) * deviationWeight,
  })
}

/** When to cut so that the unit is in the commit queue as its slot opens. */
export function cutTimeMs(pacing: Pacing, commitIntervalMinMs: number): number {
  const leadMs = Math.min(commitIntervalMinMs, pacing.leadMs + leadDeviations * pacing.leadDeviationMs)
  return pacing.nextSlotMs - leadMs
}
