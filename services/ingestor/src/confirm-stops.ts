import type { PartitionAssessment, PartitionStop } from './assess-partition.ts'

/** A partition that looks stopped, since when, and whether that is settled. */
export interface SuspectedStop {
  readonly stop: PartitionStop
  readonly sinceMs: number
  readonly confirmed: boolean
}

/**
 * Tells lasting stops from moments in which the ends and the log were read at different times, or a new leader's high watermark lags:
 * confirmed once it was seen for `confirmAfterMs` and the log was read (`logReadMs`) after it was first seen. Nothing is cut meanwhile.
 */
export function confirmStops(
  before: ReadonlyMap<number, SuspectedStop>,
  assessments: ReadonlyMap<number, PartitionAssessment>,
  timing: { readonly nowMs: number; readonly logReadMs: number; readonly confirmAfterMs: number },
): ReadonlyMap<number, SuspectedStop> {
  const suspects = new Map<number, SuspectedStop>()
  for (const [partition, assessment] of assessments) {
    if (assessment.kind !== 'stopped') continue
    const { code, message, remedy } = assessment
    const earlier = before.get(partition)
    const sinceMs = earlier?.stop.code === code ? earlier.sinceMs : timing.nowMs
    const confirmed = timing.nowMs - sinceMs >= timing.confirmAfterMs && timing.logReadMs > sinceMs
    suspects.set(partition, Object.freeze({ stop: Object.freeze({ code, message, remedy }), sinceMs, confirmed }))
  }
  return suspects
}
