import { parsePartitionAppId } from './app-id.ts'

/** What a table's `txn` map says of one partition under one topic id, at its newest restart. */
export interface PartitionProgress {
  readonly partition: number
  readonly topicId: string | null
  readonly restart: number
  /** Next offset to be committed. */
  readonly next: number
  /** First offset ever committed from (I3a). */
  readonly first: number
  /** Offsets in [first, next) that hold no readable record. */
  readonly gaps: number
  /** Offsets in [first, next) given up by an operator. */
  readonly accepted: number
}

/** Every (topic id, partition, restart) of `topic` the table has progress for, in no particular order. */
export function progressOf(txns: ReadonlyMap<string, number>, topic: string): readonly PartitionProgress[] {
  const found: PartitionProgress[] = []
  const prefix = `silt:${topic}:`
  for (const [appId, next] of txns) {
    if (!appId.startsWith(prefix)) continue
    const parsed = parsePartitionAppId(appId)
    if (parsed === undefined || parsed.counter !== 'silt' || parsed.key.topic !== topic) continue
    const counterOf = (counter: string): number | undefined => txns.get(counter + appId.slice('silt'.length))
    found.push({
      partition: parsed.key.partition,
      topicId: parsed.key.topicId,
      restart: parsed.key.restart,
      next,
      first: counterOf('silt-first') ?? next,
      gaps: counterOf('silt-gaps') ?? 0,
      accepted: counterOf('silt-accepted') ?? 0,
    })
  }
  return found
}

/** Whether any partition of any topic has begun. */
export function hasProgress(txns: ReadonlyMap<string, number>): boolean {
  return [...txns.keys()].some((appId) => parsePartitionAppId(appId) !== undefined)
}

/** Progress of one partition under `topicId`, newest restart; undefined where the table has never seen it. */
export function partitionProgress(
  txns: ReadonlyMap<string, number>,
  topic: string,
  topicId: string | null,
  partition: number,
): PartitionProgress | undefined {
  return progressOf(txns, topic)
    .filter((each) => each.topicId === topicId && each.partition === partition)
    .sort((a, b) => b.restart - a.restart)[0]
}
