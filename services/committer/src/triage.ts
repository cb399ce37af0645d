import type { CommitNotice } from '@silt/contracts'
import type { HeldJobs, HeldStart, HeldUnit } from './held-jobs.ts'
import { judgeStart, judgeUnit, type LedgerTable, type Verdict } from './ledger.ts'

/** A job that ends without being committed. `reason` is a metric label. */
export interface EndedJob {
  readonly held: HeldUnit | HeldStart
  readonly outcome: Exclude<CommitNotice['outcome'], 'committed'>
  readonly reason: string
  readonly message?: string
}

export interface Triage {
  readonly ended: readonly EndedJob[]
  /** Some job would be refused by a state older than the job: read the log before judging it. */
  readonly lookFirst: boolean
}

/**
 * Which held jobs have ended, by the state of the reading `provedReading`. Duplicate and stale are final in any state, because `txn` only grows; a
 * refusal is not: an operator's decision may be in the log already.
 */
export function triage(held: HeldJobs, table: LedgerTable, provedReading: number): Triage {
  const ended: EndedJob[] = []
  let lookFirst = false
  const judge = (job: HeldUnit | HeldStart, verdict: Verdict): void => {
    if (verdict.kind === 'refused' && provedReading <= job.arrivedReading) lookFirst = true
    else ended.push(...endOf(job, verdict))
  }
  for (const unit of held.units) judge(unit, judgeUnit(unit.job, table))
  for (const start of held.starts) judge(start, judgeStart(start.job, table))
  return { ended, lookFirst }
}

export interface DeadlineTimes {
  readonly nowMs: number
  readonly deadlineMs: number
  /** Since when commits have been possible without interruption. */
  readonly availableSinceMs: number
  readonly provedMs: number
}

/** L1: units ahead of a gap for longer than the deadline, by a state read after they came, are dropped and planned again. */
export function expiredUnits(
  held: HeldJobs,
  reachable: ReadonlySet<HeldUnit>,
  times: DeadlineTimes,
): readonly EndedJob[] {
  return [...held.units]
    .filter((unit) => !reachable.has(unit) && times.provedMs >= unit.arrivedMs && expiryMs(unit, times) <= times.nowMs)
    .map((unit) => ({ held: unit, outcome: 'stale', reason: 'deadline' }))
}

/** When the next of the unreachable units expires; undefined when there is none. */
export function nextExpiryMs(
  held: HeldJobs,
  reachable: ReadonlySet<HeldUnit>,
  times: DeadlineTimes,
): number | undefined {
  const expiries = [...held.units].filter((unit) => !reachable.has(unit)).map((unit) => expiryMs(unit, times))
  return expiries.length === 0 ? undefined : Math.min(...expiries)
}

function expiryMs(unit: HeldUnit, times: DeadlineTimes): number {
  return Math.max(unit.arrivedMs, times.availableSinceMs) + times.deadlineMs
}

function endOf(held: HeldUnit | HeldStart, verdict: Verdict): readonly EndedJob[] {
  switch (verdict.kind) {
    case 'ready':
    case 'held':
      return []
    case 'duplicate':
      return [{ held, outcome: 'duplicate', reason: 'duplicate' }]
    case 'stale':
      return [{ held, outcome: 'stale', reason: verdict.reason }]
    case 'refused':
      return [{ held, outcome: 'refused', reason: verdict.code.replace('committer/', ''), message: verdict.message }]
  }
}
