import { parsePartitionAppId } from '@silt/contracts'
import type { Truth, TruthLog } from '../history.ts'
import type { Report } from './report.ts'
import type { Invariant, Turn } from './turn.ts'

/**
 * I13: units carry the topic id; a recreated topic's records never stand under old offsets.
 *
 *     I13-topic-id  a row that says another topic id than its unit, a record of one topic id under another, or a partition that begins
 *                   under a second topic id without an operator's restart
 */
export function i13TopicId({ logs }: Truth): Invariant {
  const origins = new Map<string, TruthLog>()
  for (const log of logs)
    for (const { sessionId } of log.records) if (sessionId !== undefined) origins.set(sessionId, log)
  return (turn, report) => {
    for (const { places, tags } of turn.step.files)
      for (const { topicId, sessionId } of places) {
        if (tags !== undefined && topicId !== (tags.topicId ?? ''))
          report('I13-topic-id', `a row of topic id ${topicId} in a unit of ${tags.topicId} (${turn.where})`)
        const origin = sessionId === undefined ? undefined : origins.get(sessionId)
        if (origin !== undefined && origin.topicId !== topicId)
          report(
            'I13-topic-id',
            `session ${sessionId} of topic id ${origin.topicId} stands under ${topicId} (${turn.where})`,
          )
      }
    judgeBegins(turn, report)
  }
}

function judgeBegins({ before, moves, step, where }: Turn, report: Report): void {
  for (const { key, from, appId } of moves) {
    if (from !== undefined) continue
    const isDecided = step.record?.decisions.some((each) => each.kind === 'restart' && each.partition === key.partition)
    if (isDecided === true) continue
    for (const known of before.txns.keys()) {
      const other = parsePartitionAppId(known)
      if (other?.counter !== 'silt' || other.key.topic !== key.topic || other.key.partition !== key.partition) continue
      if (other.key.topicId !== key.topicId)
        report('I13-topic-id', `${appId} begins beside ${known} without an operator's restart (${where})`)
    }
  }
}
