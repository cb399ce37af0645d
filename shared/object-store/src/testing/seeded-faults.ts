import type { Random } from '@silt/core'
import type { FaultPlan } from './faulty-store.ts'

/** Shares of calls, each in [0, 1], at most 1 together. */
export interface FaultRates {
  readonly failBefore?: number
  readonly answerLost?: number
  readonly landsLate?: number
  readonly delay?: number
  /** Delays and late landings take up to this long. */
  readonly afterMsMax?: number
}

/** A plan drawn from a seeded random source: the same seed and calls fail the same way. */
export function seededFaults(random: Random, rates: FaultRates): FaultPlan {
  const { failBefore = 0, answerLost = 0, landsLate = 0, delay = 0, afterMsMax = 1_000 } = rates
  return () => {
    // Two draws a call, whatever comes of it, so that one changed rate does not shift all that follows.
    const draw = random.next()
    const afterMs = Math.ceil(afterMsMax * random.next())
    if (draw < failBefore) return { kind: 'fail-before' }
    if (draw < failBefore + answerLost) return { kind: 'answer-lost' }
    if (draw < failBefore + answerLost + landsLate) return { kind: 'lands-late', afterMs }
    if (draw < failBefore + answerLost + landsLate + delay) return { kind: 'delay', afterMs }
    return undefined
  }
}
