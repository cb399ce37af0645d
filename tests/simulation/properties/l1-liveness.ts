import { deadLetterPointerAppId } from '@silt/contracts'
import { appliedVersion } from './i5-projection.ts'
import type { Report } from './report.ts'
import type { SettledLog } from './settled.ts'
import type { Walk } from './walk.ts'

export interface Excuses {
  /** `topicId:partition` of every partition that stands still until an operator decides. */
  readonly stopped: ReadonlySet<string>
  /** The whole table does: a RESTORE, a pause, a record that is gone. */
  readonly parked: boolean
}

/**
 * L1: while the source is readable, the store writable and one of each actor alive, every partition's `txn` reaches the readable end.
 *
 *     L1-not-started        a partition with readable records that the table has never seen
 *     L1-behind, L1-beyond  `txn` is not the readable end
 *     L1-unsettled          a readable record between first offset and readable end that is not settled exactly once
 *     L1-dead-letters       recorded dead letters are not in their table
 */
export function l1Liveness({ main, deadLetters, settled }: Walk, excuses: Excuses, report: Report): void {
  if (excuses.parked) return
  for (const log of settled.logs) if (!log.truth.isGone && !excuses.stopped.has(log.name)) judge(log, report)
  const recorded = main.txns.get(deadLetterPointerAppId) ?? -1
  const applied = appliedVersion(deadLetters)
  if (applied < recorded)
    report(
      'L1-dead-letters',
      `the dead letters of version ${recorded} were not applied; the last applied is ${applied}`,
    )
}

function judge(log: SettledLog, report: Report): void {
  const { readableEnd, records } = log.truth
  const ledger = log.newestLedger
  const isDue = (offset: number): boolean => offset >= (ledger?.first ?? log.truth.logStart) && offset < readableEnd
  const due = records.filter(({ fate, offset }) => fate === 'readable' && isDue(offset))
  if (ledger === undefined) {
    if (due.length > 0) report('L1-not-started', `${log.name} has ${due.length} readable records and no progress`)
    return
  }
  if (ledger.next < readableEnd) report('L1-behind', `${log.name} is at ${ledger.next}, readable up to ${readableEnd}`)
  if (ledger.next > readableEnd) report('L1-beyond', `${log.name} is at ${ledger.next}, readable up to ${readableEnd}`)
  for (const { offset } of due) {
    const [found, wanted] = [log.timesSettled(offset), Math.max(log.timesDue(offset), isGivenUp(log, offset) ? 0 : 1)]
    const isMissing = found < wanted && !log.removedByOthers.has(offset)
    if (isMissing || found > wanted)
      report('L1-unsettled', `offset ${offset} of ${log.name} is there ${found} times, due ${wanted} times`)
  }
}

function isGivenUp(log: SettledLog, offset: number): boolean {
  return [...log.ledgers.values()].some(({ accepted }) =>
    accepted.some(({ from, to }) => offset >= from && offset < to),
  )
}
