import { parsePartitionAppId } from '@silt/contracts'

/** Committed progress of one partition under one topic id, at its newest restart. */
export interface PartitionCursor {
  readonly restart: number
  /** Next offset to be committed. */
  readonly next: number
}

/** `txn` as the ledger asks for it: one look-up a range, whatever the number of partitions. */
export interface ProgressIndex {
  cursor(topic: string, topicId: string | null, partition: number): PartitionCursor | undefined
  /** Topic ids the table has progress of the partition under. */
  topicIds(topic: string, partition: number): ReadonlySet<string | null>
}

const none: ReadonlySet<string | null> = new Set()

export function indexProgress(txns: ReadonlyMap<string, number>): ProgressIndex {
  const cursors = new Map<string, PartitionCursor>()
  const idsByPlace = new Map<string, Set<string | null>>()
  for (const [appId, next] of txns) {
    const parsed = parsePartitionAppId(appId)
    if (parsed?.counter !== 'silt') continue
    const { topic, topicId, partition, restart } = parsed.key
    const key = partitionKey(topic, topicId, partition)
    if ((cursors.get(key)?.restart ?? -1) < restart) cursors.set(key, Object.freeze({ restart, next }))
    const place = `${topic}:${partition}`
    const ids = idsByPlace.get(place) ?? new Set()
    idsByPlace.set(place, ids.add(topicId))
  }
  return Object.freeze({
    cursor: (topic: string, topicId: string | null, partition: number) =>
      cursors.get(partitionKey(topic, topicId, partition)),
    topicIds: (topic: string, partition: number) => idsByPlace.get(`${topic}:${partition}`) ?? none,
  })
}

/** A topic name and a topic id take no `:`. */
export function partitionKey(topic: string, topicId: string | null, partition: number): string {
  return `${topic}:${topicId ?? ''}:${partition}`
}
