import { SiltError, type PartitionEnds, type TopicPartition } from '@silt/core'
import type { PartitionFacts } from './assess-partition.ts'
import { isTopicKnown } from './assess-partition.ts'

/** START_FROM: where a partition begins that the table has never seen. */
export type StartFrom =
  | { readonly kind: 'earliest' }
  | { readonly kind: 'latest' }
  | { readonly kind: 'time'; readonly timeMs: number }
  /** Partitions that are not listed begin at earliest. */
  | { readonly kind: 'offsets'; readonly offsets: ReadonlyMap<number, number> }

const earliest: StartFrom = Object.freeze({ kind: 'earliest' })

/** `earliest`, `latest`, an ISO time, or `partition:offset,…`. Errors: `invalid/start-from` (invalid). */
export function parseStartFrom(text: string): StartFrom {
  if (text === 'earliest') return earliest
  if (text === 'latest') return Object.freeze({ kind: 'latest' })
  if (/^\d+:\d+(,\d+:\d+)*$/.test(text)) {
    const pairs = text.split(',').map((pair) => pair.split(':').map(Number) as [number, number])
    if (pairs.flat().every(Number.isSafeInteger)) return Object.freeze({ kind: 'offsets', offsets: new Map(pairs) })
  }
  const timeMs = Date.parse(text)
  if (/^\d{4}-\d{2}-\d{2}/.test(text) && Number.isFinite(timeMs)) return Object.freeze({ kind: 'time', timeMs })
  throw new SiltError(
    'invalid',
    'invalid/start-from',
    `START_FROM must be earliest, latest, an ISO time or partition:offset pairs, not "${text}"`,
  )
}

/** A start to be resolved to an offset and sent to the committer. */
export interface PlannedStart {
  readonly topicPartition: TopicPartition
  readonly from: StartFrom
}

/**
 * Which partitions to start now and where (I3a). START_FROM is for the partitions the topic has when the table first meets it; later ones begin
 * at earliest. So that a crash in between cannot confuse the two, the partition with the highest number is started first and alone:
 * once its progress is in the log, unseen partitions below the highest known one belong to the first meeting, those above were added.
 */
export function planStarts(
  startFrom: StartFrom,
  unseen: readonly TopicPartition[],
  topicPartitions: readonly TopicPartition[],
  facts: Pick<PartitionFacts, 'sourceKind' | 'progress'>,
): readonly PlannedStart[] {
  const at = (from: StartFrom) => (topicPartition: TopicPartition) => Object.freeze({ topicPartition, from })
  if (startFrom.kind === 'earliest' || unseen.length === 0) return unseen.map(at(earliest))
  const topicId = unseen[0]?.topicId ?? null
  const isKnown = isTopicKnown(facts, topicId)
  if (facts.sourceKind === 'files') return unseen.map(at(isKnown ? earliest : startFrom))
  if (!isKnown) return topicPartitions.slice(-1).map(at(startFrom))
  const highest = Math.max(...facts.progress.filter((each) => each.topicId === topicId).map((each) => each.partition))
  return unseen.map((each) => at(each.partition < highest ? startFrom : earliest)(each))
}

/** The offset a start begins at, kept within what the source holds; `atTime` is the source's answer for a time. */
export function startOffset(from: StartFrom, ends: PartitionEnds, atTime: number | undefined): number {
  const wanted = wantedOffset(from, ends, atTime)
  return Math.max(ends.logStart, Math.min(wanted, ends.readableEnd))
}

function wantedOffset(from: StartFrom, ends: PartitionEnds, atTime: number | undefined): number {
  switch (from.kind) {
    case 'earliest':
      return ends.logStart
    case 'latest':
      return ends.readableEnd
    case 'time':
      return atTime ?? ends.readableEnd
    case 'offsets':
      return from.offsets.get(ends.partition) ?? ends.logStart
  }
}
