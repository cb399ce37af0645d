import { fromProgress } from '@silt/contracts'
import type { Source } from '@silt/core'
import { parseStartFrom, startOffset } from '@silt/ingestor'
import { requireSameTopic, type TopicView } from '../partition/partition-report.ts'

/** Where each partition of the view begins, by `--start-from`; nowhere anew with `progress`. Errors: `invalid/start-from` (invalid), `source/topic-missing`, the source's. */
export async function startOffsets(
  source: Source,
  view: TopicView,
  startFromText: string,
): Promise<ReadonlyMap<number, number>> {
  if (startFromText === fromProgress) return new Map()
  const from = parseStartFrom(startFromText)
  const partitions = view.partitions.map(({ partition }) => partition)
  const atTime = from.kind === 'time' ? await source.offsetAtTime(view.topic, partitions, from.timeMs) : undefined
  if (atTime !== undefined) await requireSameTopic(source, view)
  return new Map(view.ends.map((ends) => [ends.partition, startOffset(from, ends, atTime?.get(ends.partition))]))
}
