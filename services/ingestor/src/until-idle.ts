import { partitionProgress } from '@silt/contracts'
import type { PartitionEnds, TopicPartition } from '@silt/core'
import type { SuspectedStop } from './confirm-stops.ts'

/** Readable ends of every partition of the topic, owned or not, as seen at start: where `--until-idle` ends. */
export type IdleTarget = readonly { readonly topicPartition: TopicPartition; readonly readableEnd: number }[]

/** Undefined while a partition is away: where it ends cannot be known. */
export function idleTarget(
  topicPartitions: readonly TopicPartition[],
  ends: readonly PartitionEnds[],
): IdleTarget | undefined {
  const target = topicPartitions.flatMap((topicPartition) => {
    const own = ends.find((each) => each.partition === topicPartition.partition)
    return own === undefined ? [] : [{ topicPartition, readableEnd: own.readableEnd }]
  })
  return target.length === topicPartitions.length ? target : undefined
}

/** False once a topic was made again under the name: what the target waits for will never come. */
export function isStillTarget(target: IdleTarget, topicPartitions: readonly TopicPartition[]): boolean {
  const isAnother = (one: TopicPartition, other: TopicPartition): boolean =>
    one.partition === other.partition && one.topicId !== other.topicId
  return !target.some(({ topicPartition }) => topicPartitions.some((each) => isAnother(each, topicPartition)))
}

/** `stopped`: everything else is in, and an operator must decide what remains. */
export type Idleness =
  | { readonly kind: 'working' }
  | { readonly kind: 'idle' }
  | { readonly kind: 'stopped'; readonly stop: SuspectedStop['stop'] }

export function idleness(
  target: IdleTarget,
  topic: string,
  txns: ReadonlyMap<string, number>,
  suspects: ReadonlyMap<number, SuspectedStop>,
): Idleness {
  const behind = target.filter(({ topicPartition: { topicId, partition }, readableEnd }) => {
    const progress = partitionProgress(txns, topic, topicId, partition)
    return progress === undefined || progress.next < readableEnd
  })
  if (behind.length === 0 && suspects.size === 0) return { kind: 'idle' }
  const isBlocked =
    behind.every(({ topicPartition }) => suspects.has(topicPartition.partition)) &&
    [...suspects.values()].every((each) => each.confirmed)
  const [first] = suspects.values()
  return isBlocked && first !== undefined ? { kind: 'stopped', stop: first.stop } : { kind: 'working' }
}
