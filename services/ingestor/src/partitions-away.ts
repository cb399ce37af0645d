import { SiltError, type TopicPartition } from '@silt/core'

/** Partitions that gave no answer; the rest of the topic is not held up by them. */
export function partitionsAway(topic: string, away: readonly TopicPartition[]): SiltError {
  const partitions = away.map((each) => each.partition).join(', ')
  const message = `partitions ${partitions} of topic ${topic} have no leader that answers; the others go on`
  return new SiltError('unavailable', 'source/partition-away', message, { context: { topic, partitions } })
}
