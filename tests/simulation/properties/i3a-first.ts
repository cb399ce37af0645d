import { parsePartitionAppId, partitionAppId } from '@silt/contracts'
import type { Report } from './report.ts'
import type { Invariant, Move, Turn } from './turn.ts'

/**
 * I3a: a partition without `txn` accepts nothing: its first commit sets only `txn silt:…` = the first offset and records `txn silt-first:…`,
 * never changed.
 *
 *     I3a-first  a unit in a partition that has not begun, a begin without or with another `silt-first`, or one that changes
 *     I3a-late   a partition begins behind records that no retention has taken (under START_FROM=earliest)
 */
export function i3aFirst(options: { readonly startsAtEarliest: boolean }): Invariant {
  return (turn, report) => {
    const { step, before, after, where } = turn
    for (const { topic, topicId, ranges } of step.record?.units ?? [])
      for (const range of ranges) {
        const appId = partitionAppId('silt', { topic, topicId, ...range })
        if (!before.txns.has(appId))
          report('I3a-first', `${appId}: a unit from ${range.start} is committed before the partition began (${where})`)
      }
    for (const move of turn.moves) if (move.from === undefined) judgeBegin(turn, move, options, report)
    for (const { appId, version } of step.txns) {
      const first = before.txns.get(appId)
      if (first === undefined || first === version) continue
      if (parsePartitionAppId(appId)?.counter === 'silt-first')
        report('I3a-first', `${appId} was ${first} and is now ${after.txns.get(appId)} (${where})`)
    }
  }
}

function judgeBegin(
  { history, step, after, where }: Turn,
  { appId, key, to }: Move,
  { startsAtEarliest }: { readonly startsAtEarliest: boolean },
  report: Report,
): void {
  const first = after.txns.get(partitionAppId('silt-first', key))
  if (first !== to) report('I3a-first', `${appId} begins at ${to}, its silt-first is ${first} (${where})`)
  const log = history.truth.logs.find((each) => each.topicId === key.topicId && each.partition === key.partition)
  const isAdopted = step.record?.decisions.some(({ kind }) => kind === 'adopt') === true
  const isRestart = key.restart > 0
  if (log !== undefined && to > log.logStart && !isAdopted && (startsAtEarliest || isRestart))
    report('I3a-late', `${appId} begins at ${to}, the source never started above ${log.logStart} (${where})`)
}
