/** When the next small unit may be cut, and what is learnt of the way from cut to commit queue. */
export interface Pacing {
  /** Wall time of the committer's next slot for small units, ms; 0: none known. */
  readonly nextSlotMs: number
  /** Times from cutting a small unit to its writer's answer, the newest last, at most `leadsMax`. */
  readonly leadsMs: readonly number[]
}

const firstLeadMs = 150
/** Few, so that the slow first units of processes just started are soon forgotten: there is one observation a slot. */
const leadsMax = 8

export function firstPacing(): Pacing {
  return Object.freeze({ nextSlotMs: 0, leadsMs: Object.freeze([]) })
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
  return Object.freeze({ ...pacing, leadsMs: Object.freeze([...pacing.leadsMs, observedMs].slice(-leadsMax)) })
}

/**
 * How long before its slot a unit is to be cut: the median of what the last ones took, which hiccups and slow first units do not move. A unit that
 * takes longer is a little late, which costs its own records only that (the committer waits a moment for units it expects); a longer lead
 * would make every record older.
 */
export function leadMs(pacing: Pacing): number {
  const ascending = [...pacing.leadsMs].sort((a, b) => a - b)
  return ascending[Math.floor((ascending.length - 1) / 2)] ?? firstLeadMs
}

/** When to cut so that the unit is in the commit queue about when its slot opens. */
export function cutTimeMs(pacing: Pacing, commitIntervalMinMs: number): number {
  return pacing.nextSlotMs - Math.min(commitIntervalMinMs, leadMs(pacing))
}

/** Share of an interval: what becomes due so soon after a slot's cut goes with that slot rather than between two. */
const slotJoinShare = 0.25

/**
 * By when a unit must be due to be cut now for the coming slot. With no slot ahead: now. What would be due moments after the slot is cut with it,
 * or ingestors with the same time-out drift apart and each unit waits for a slot of its own.
 */
export function dueByMs(pacing: Pacing, nowMs: number, commitIntervalMinMs: number): number {
  const isAhead = pacing.nextSlotMs > nowMs
  if (!isAhead) return nowMs
  const atMs = cutTimeMs(pacing, commitIntervalMinMs)
  return Math.max(nowMs, atMs + commitIntervalMinMs * slotJoinShare)
}
