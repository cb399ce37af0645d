import type { LogEvidence, ProgressStep } from './log-evidence.ts'
import type { PartitionLedger } from './partition-ledger.ts'

type Place = Pick<PartitionLedger, 'topic' | 'topicId' | 'partition' | 'restart'>

/**
 * What is wrong with how a partition came to its present `txn`, by the commits that are still there: each unit and each accepted gap begins where
 * the one before it ended, the last ends at `txn`, and with the whole log the counters are what the commits add up to (I3, I4). Pure.
 *
 * Without it, a commit that moved `txn` and a counter together would go unseen: the sums would still agree.
 */
export function chainFaults(ledger: PartitionLedger, log: LogEvidence): readonly string[] {
  const isWhole = log.oldestVersion === 0
  const steps = log.steps.filter((step) => isAt(step, ledger))
  const faults: string[] = []
  let cursor = isWhole ? ledger.first : (steps[0]?.from ?? ledger.next)
  for (const { version, from, to } of steps) {
    if (from !== cursor) faults.push(`version ${version} goes on at ${from}, progress was at ${cursor}`)
    cursor = to
  }
  if (cursor !== ledger.next) faults.push(`txn is ${ledger.next}, the commits end at ${cursor}`)
  if (!isWhole) return faults
  for (const counter of ['gaps', 'accepted'] as const) {
    const counted = steps.reduce((sum, step) => sum + step[counter], 0)
    if (counted !== ledger[counter]) faults.push(`${counter} is ${ledger[counter]}, the commits add up to ${counted}`)
  }
  return faults
}

function isAt(step: ProgressStep, place: Place): boolean {
  return (
    step.partition === place.partition &&
    step.restart === place.restart &&
    step.topic === place.topic &&
    step.topicId === place.topicId
  )
}
