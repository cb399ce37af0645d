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

/** What is nearly due when a slot can be met goes with that slot rather than between two: so much of an interval before its time, … */
const slotJoinShare = 0.25
/** … or with so much of BATCH_SIZE. */
const slotBatchShare = 0.75
/** A slot can still be met this share of an interval after it opened: so long the committer waits for units it expects. */
const slotOpenShare = 0.1

/** When what waits is due now. */
export interface DueRule {
  /** A time-out that ends by then, ms. */
  readonly byMs: number
  /** Share of BATCH_SIZE. */
  readonly batchShare: number
}

/**
 * Stricter where no slot can be met. Without a little slack ingestors with the same time-out or rate drift apart, and what just misses being due
 * waits for the slot after.
 */
export function dueRule(pacing: Pacing, nowMs: number, commitIntervalMinMs: number): DueRule {
  const canBeMet = pacing.nextSlotMs + commitIntervalMinMs * slotOpenShare > nowMs
  if (!canBeMet) return { byMs: nowMs, batchShare: 1 }
  const atMs = cutTimeMs(pacing, commitIntervalMinMs)
  return { byMs: Math.max(nowMs, atMs + commitIntervalMinMs * slotJoinShare), batchShare: slotBatchShare }
}
