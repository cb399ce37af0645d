import type { TopicPartition } from './ports/source.ts'

/** Whether the log behind `wanted` is among those a topic has now (`Source.partitions`): not deleted, and not made again under its name. */
export function isStillThere(wanted: TopicPartition, now: readonly TopicPartition[] | undefined): boolean {
  return now?.some((each) => each.partition === wanted.partition && each.topicId === wanted.topicId) ?? false
}
