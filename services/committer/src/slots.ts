/**
 * Pacing of small units (architecture.md § 3): at most one version of them an interval, at once after a quiet one, else at the next slot.
 * All times are of one monotonic clock, ms.
 */
export interface Slots {
  readonly intervalMs: number
  /** When the next version of small units may be made. */
  readonly nextMs: number
  /**
   * How many small units are likely to come for the next slot: each ingestor has one under way, so as many as the last version held and
   * as came just too late for it.
   */
  readonly companyUnits: number
}

/** Small units ready to be committed, at least one. */
export interface ReadyUnits {
  readonly units: number
  /** When the first of them arrived. */
  readonly firstMs: number
}

export function openSlots(intervalMs: number, nowMs: number): Slots {
  return { intervalMs, nextMs: nowMs, companyUnits: 0 }
}

export function slotDue(slots: Slots, nowMs: number): boolean {
  return nowMs >= slots.nextMs
}

/**
 * How long a version waits for its company, as a share of an interval: longer than a usual hiccup, as a unit that misses its slot makes
 * its records wait a whole interval more.
 */
const gatherShare = 0.15
/** A version begun this share of an interval after its slot was made at the slot: timers are late. */
const latenessShare = 0.1

/** A unit that arrives this share of an interval after a slot was meant for it: its successor is not there so soon. */
const tooLateShare = 0.2

/**
 * When the version of `ready` may be made: at the slot, or a moment later while fewer units are there than made the last version.
 * After a quiet interval nobody is waited for.
 */
export function versionDueMs(slots: Slots, ready: ReadyUnits): number {
  const isAfterQuiet = ready.firstMs >= slots.nextMs + slots.intervalMs
  if (isAfterQuiet || ready.units >= slots.companyUnits) return slots.nextMs
  return Math.max(slots.nextMs, ready.firstMs) + slots.intervalMs * gatherShare
}

/** After a small unit arrived: one just too late for the last version is there at the next slot beside those that were not. */
export function afterArrival(slots: Slots, arrivedMs: number): Slots {
  const sinceSlotMs = arrivedMs - (slots.nextMs - slots.intervalMs)
  const isTooLate = sinceSlotMs >= 0 && sinceSlotMs <= slots.intervalMs * tooLateShare && slots.companyUnits > 0
  return isTooLate ? { ...slots, companyUnits: slots.companyUnits + 1 } : slots
}

/**
 * After a version that held `units` small units, begun at `begunMs`. A version made at its slot keeps the beat of the slots, however late it
 * ended; one made early (taken along by a full unit) or later sets a new beat.
 */
export function afterSmallVersion(slots: Slots, begunMs: number, units: number): Slots {
  const lateMs = begunMs - slots.nextMs
  const beatMs = lateMs >= 0 && lateMs <= slots.intervalMs * latenessShare ? slots.nextMs : begunMs
  return { ...slots, nextMs: beatMs + slots.intervalMs, companyUnits: lateMs < 0 ? slots.companyUnits : units }
}

/** For notices: the wall time of the next slot, never in the past. */
export function nextSlotWallMs(slots: Slots, monotonicMs: number, wallMs: number): number {
  return Math.round(wallMs + Math.max(0, slots.nextMs - monotonicMs))
}
