import { progressOf } from '@silt/contracts'
import { isStillThere, SiltError, type PartitionEnds, type Source, type TopicPartition } from '@silt/core'
import type { TableState } from '@silt/delta'
import { assessPartition, type PartitionAssessment } from '@silt/ingestor'

/** The source's side of one topic, read once. */
export interface TopicView {
  readonly topic: string
  readonly partitions: readonly TopicPartition[]
  readonly ends: readonly PartitionEnds[]
}

/** Errors: `source/topic-missing`, `source/partition-away` (unavailable): nothing is decided on a part of the topic, or on parts of two. */
export async function viewTopic(source: Source, topic: string): Promise<TopicView> {
  const partitions = await source.partitions(topic)
  if (partitions === undefined) {
    const setting = source.kind === 'kafka' ? 'KAFKA_TOPIC' : 'KAFKA_TOPIC and TOPICS_DIR'
    throw new SiltError('unavailable', 'source/topic-missing', `topic ${topic} does not exist; check ${setting}`)
  }
  const ends = await source.ends(
    topic,
    partitions.map(({ partition }) => partition),
  )
  const away = partitions.filter(({ partition }) => !ends.some((each) => each.partition === partition))
  if (away.length > 0) {
    const numbers = away.map(({ partition }) => partition).join(', ')
    throw new SiltError(
      'unavailable',
      'source/partition-away',
      `partitions ${numbers} of topic ${topic} have no leader that answers`,
    )
  }
  const view = { topic, partitions, ends }
  await requireSameTopic(source, view)
  return view
}

/**
 * Checks, after asking for offsets, that the logs under the name are still those of the view: of a topic made again meanwhile they would be
 * another's. Throws `source/topic-missing` (unavailable).
 */
export async function requireSameTopic(source: Source, { topic, partitions }: TopicView): Promise<void> {
  const now = await source.partitions(topic)
  if (partitions.every((each) => isStillThere(each, now))) return
  const message = `topic ${topic} was deleted or made again while it was looked at; give the command again`
  throw new SiltError('unavailable', 'source/topic-missing', message)
}

export interface PartitionReport {
  readonly topicPartition: TopicPartition
  readonly ends: PartitionEnds
  readonly assessment: PartitionAssessment
}

/** What Silt makes of every partition: the same judgement the ingestors act on. */
export function reportPartitions(
  view: TopicView,
  sourceKind: Source['kind'],
  state: TableState,
): readonly PartitionReport[] {
  const progress = progressOf(state.txns, view.topic)
  return view.partitions.flatMap((topicPartition) => {
    const ends = view.ends.find((each) => each.partition === topicPartition.partition)
    if (ends === undefined) return []
    return [
      {
        topicPartition,
        ends,
        assessment: assessPartition({ sourceKind, topic: view.topic, topicPartition, ends, progress }),
      },
    ]
  })
}

/** The report of one partition; `partition/unknown` (invalid) where the topic has no such partition. */
export function reportOf(reports: readonly PartitionReport[], partition: number): PartitionReport {
  const report = reports.find((each) => each.topicPartition.partition === partition)
  if (report !== undefined) return report
  const known = reports.map((each) => each.topicPartition.partition).join(', ')
  throw new SiltError(
    'invalid',
    'partition/unknown',
    `the topic has no partition ${partition}; it has ${known || 'none'}`,
  )
}
