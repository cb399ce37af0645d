import { partitionAppId } from '@silt/contracts'
import type { Invariant } from './turn.ts'

/**
 * I3: a range is accepted only if its start equals its partition's `txn`, counting ranges placed before it in the same commit.
 *
 *     I3-gap      a range, an accepted gap or a `txn` leaves out offsets
 *     I3-overlap  one begins below what was committed before it
 */
export const i3Contiguous: Invariant = ({ step, before, after, moves, where }, report) => {
  const reached = new Map<string, number>()
  const place = (appId: string, start: number, endExclusive: number): void => {
    // A partition without txn is a matter of I3a.
    const next = reached.get(appId) ?? before.txns.get(appId) ?? start
    if (start > next) report('I3-gap', `${appId}: a range from ${start} is committed at ${next} (${where})`)
    if (start < next) report('I3-overlap', `${appId}: a range from ${start} is committed at ${next} (${where})`)
    reached.set(appId, endExclusive)
  }
  for (const { topic, topicId, ranges } of step.record?.units ?? [])
    for (const range of ranges)
      place(partitionAppId('silt', { topic, topicId, ...range }), range.start, range.endExclusive)
  for (const decision of step.record?.decisions ?? [])
    if (decision.kind === 'accept-gap') place(partitionAppId('silt', decision), decision.from, decision.to)
  for (const { appId, from, to } of moves) {
    const explained = reached.get(appId) ?? from
    if (explained !== undefined && to > explained)
      report('I3-gap', `${appId} is set to ${to}, its ranges end at ${explained} (${where})`)
  }
  for (const [appId, end] of reached)
    if ((after.txns.get(appId) ?? -1) < end)
      report(
        'I3-overlap',
        `${appId} stays at ${after.txns.get(appId)}, its ranges end at ${end}: they will come again (${where})`,
      )
}
