/**
 * Pacing of small units (architecture.md § 3): at most one version of them an interval, at once after a quiet one, else at the next slot.
 * All times are of one monotonic clock, ms.
 */
export interface Slots {
  readonly intervalMs: number
  /** When the next version of small units may be made. */
  readonly nextMs: number
}

export function openSlots(intervalMs: number, nowMs: number): Slots {
  return { intervalMs, nextMs: nowMs }
}

export function slotDue(slots: Slots, nowMs: number): boolean {
  return nowMs >= slots.nextMs
}

/** A version begun this share of an interval after its slot was made at the slot: timers are late. */
const latenessShare = 0.1

/**
 * After a version that held small units, begun at `begunMs`. A version made at its slot keeps the beat of the slots, however late it ended;
 * one made early (taken along by a full unit) or later sets a new beat.
 */
export function afterSmallVersion(slots: Slots, begunMs: number): Slots {
  const lateMs = begunMs - slots.nextMs
  const beatMs = lateMs >= 0 && lateMs <= slots.intervalMs * latenessShare ? slots.nextMs : begunMs
  return { ...slots, nextMs: beatMs + slots.intervalMs }
}

/** For notices: the wall time of the next slot, never in the past. */
export function nextSlotWallMs(slots: Slots, monotonicMs: number, wallMs: number): number {
  return Math.round(wallMs + Math.max(0, slots.nextMs - monotonicMs))
}
