import type { PartitionProgress } from '@silt/contracts'
import type { PartitionEnds, Source, TopicPartition } from '@silt/core'

/** Everything an assessment looks at: the source's view of one partition and the table's of its topic. */
export interface PartitionFacts {
  readonly sourceKind: Source['kind']
  readonly topic: string
  readonly topicPartition: TopicPartition
  readonly ends: PartitionEnds
  /** `progressOf` the table's txns for this topic: every partition, topic id and restart. */
  readonly progress: readonly PartitionProgress[]
}

export type PartitionStopCode =
  | 'partition/retention-gap'
  | 'partition/end-below-txn'
  | 'partition/topic-recreated'
  | 'partition/file-shorter'
  | 'partition/first-line-changed'

/** Why a partition is not planned, for an operator: what was found and the command that decides it. */
export interface PartitionStop {
  readonly code: PartitionStopCode
  readonly message: string
  /** The exact command. */
  readonly remedy: string
}

/** `unseen`: the table has no progress for it, it needs a start (I3a). A stopped partition is never skipped over. */
export type PartitionAssessment =
  | { readonly kind: 'ok'; readonly progress: PartitionProgress }
  | { readonly kind: 'unseen' }
  | ({ readonly kind: 'stopped'; readonly progress: PartitionProgress | undefined } & PartitionStop)

/** Whether a partition can go on from its `txn` (architecture.md § 3 Ingestor). Facts read at different times may say `stopped` for a moment: see `confirmStops`. */
export function assessPartition(facts: PartitionFacts): PartitionAssessment {
  const { topicPartition, ends } = facts
  const own = facts.progress.filter((each) => each.topicId === topicPartition.topicId)
  const progress = newestProgress(facts.progress, topicPartition.partition, topicPartition.topicId)
  if (progress === undefined) return assessWithoutProgress(facts, own)
  if (progress.next < ends.logStart)
    return stopped(facts, progress, 'partition/retention-gap', {
      found: `offsets ${progress.next} to ${ends.logStart - 1} are no longer in the source, and were never committed`,
      command: 'accept-gap',
      decision: 'give them up and go on',
    })
  if (progress.next > ends.readableEnd)
    return stopped(
      facts,
      progress,
      facts.sourceKind === 'files' ? 'partition/file-shorter' : 'partition/end-below-txn',
      {
        found: `the source ends at ${ends.readableEnd}, below the ${progress.next} already committed: it was truncated`,
        command: 'restart',
        decision: 'begin it again as a new log',
      },
    )
  return Object.freeze({ kind: 'ok', progress })
}

/** Progress of one partition under `topicId`, at its newest restart. */
export function newestProgress(
  progress: readonly PartitionProgress[],
  partition: number,
  topicId: string | null,
): PartitionProgress | undefined {
  return progress
    .filter((each) => each.partition === partition && each.topicId === topicId)
    .sort((a, b) => b.restart - a.restart)[0]
}

/** Whether any partition of this topic, under its present id, is known to the table (file sources: under any id, each file has its own). */
export function isTopicKnown(facts: Pick<PartitionFacts, 'sourceKind' | 'progress'>, topicId: string | null): boolean {
  return facts.progress.some((each) => facts.sourceKind === 'files' || each.topicId === topicId)
}

function assessWithoutProgress(facts: PartitionFacts, own: readonly PartitionProgress[]): PartitionAssessment {
  const { partition } = facts.topicPartition
  const earlier = facts.progress.filter((each) => each.partition === partition)
  if (facts.sourceKind === 'files')
    return earlier.length === 0
      ? Object.freeze({ kind: 'unseen' })
      : stopped(facts, undefined, 'partition/first-line-changed', {
          found: 'the first line of its file is another one: this is not the file that was committed',
          command: 'restart',
          decision: 'begin it as a new log',
        })
  const isRecreated = earlier.length > 0 || (own.length === 0 && facts.progress.length > 0)
  if (!isRecreated) return Object.freeze({ kind: 'unseen' })
  const known = [...new Set((earlier.length > 0 ? earlier : facts.progress).map((each) => each.topicId))].join(', ')
  return stopped(facts, undefined, 'partition/topic-recreated', {
    found: `the topic was deleted and made again: its id is ${facts.topicPartition.topicId ?? 'absent'}, the table knows ${known}`,
    command: 'restart',
    decision: 'begin it as a new log',
  })
}

function stopped(
  facts: PartitionFacts,
  progress: PartitionProgress | undefined,
  code: PartitionStopCode,
  words: { readonly found: string; readonly command: 'accept-gap' | 'restart'; readonly decision: string },
): PartitionAssessment {
  const { partition } = facts.topicPartition
  const remedy = `silt partition ${words.command} ${partition}`
  const message =
    `partition ${partition} of ${facts.topic} is stopped: ${words.found}. ` +
    `Look with \`silt partition status\`; \`${remedy}\` will ${words.decision}.`
  return Object.freeze({ kind: 'stopped', progress, code, message, remedy })
}
