import type { Clock, Traces } from '@silt/core'
import type { CommitGroup } from './group-commit.ts'
import type { EndedJob } from './triage.ts'

/** What the trace of a unit says of its end, where traces are told at all. */
export interface TraceDeps {
  readonly traces?: Traces
  readonly clock: Clock
}

/** Tells of each unit of a committed group how long it was held and what commit it went into. `beganMs`: monotonic. */
export function traceCommitted(
  { traces, clock }: TraceDeps,
  group: CommitGroup,
  beganMs: number,
  version: number,
): void {
  if (traces === undefined) return
  const nowMs = clock.nowMs()
  const toWallMs = (monotonicMs: number): number => nowMs - (clock.monotonicMs() - monotonicMs)
  for (const { job, arrivedMs } of group.units) {
    traces.part(job.unitId, { name: 'held', startMs: toWallMs(arrivedMs), endMs: toWallMs(beganMs) })
    traces.part(job.unitId, {
      name: 'commit',
      startMs: toWallMs(beganMs),
      endMs: nowMs,
      attributes: {
        'silt.unit': job.unitId,
        'silt.version': version,
        'silt.commit.units': group.units.length,
        'silt.files': job.adds.length,
        'silt.dead_letter_files': job.deadLetterAdds.length,
      },
    })
  }
}

/** Tells of a unit that was not committed how long it was held and why it ended. */
export function traceEnded({ traces, clock }: TraceDeps, { held, outcome, reason }: EndedJob): void {
  if (traces === undefined || held.job.kind !== 'unit') return
  const nowMs = clock.nowMs()
  traces.part(held.job.unitId, {
    name: 'held',
    startMs: nowMs - (clock.monotonicMs() - held.arrivedMs),
    endMs: nowMs,
    attributes: { 'silt.unit': held.job.unitId, 'silt.outcome': outcome, 'silt.reason': reason },
    ...(outcome === 'duplicate' ? {} : { failure: `${outcome}: ${reason}` }),
  })
}
