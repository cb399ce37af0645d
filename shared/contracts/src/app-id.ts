/**
 * `txn` application ids (architecture.md § 6). A topic name takes no `:`.
 *
 *     silt:<topic>:<topicId>:<partition>[:<restart>]           next offset to commit
 *     silt-first:…   first offset ever committed from          silt-gaps:…      offsets without a readable record
 *     silt-accepted:…  offsets an operator gave up
 *     silt:dead-letters                                        main version that last recorded dead letters (main table)
 *     silt:dead-letters:<main table id>                        main version last applied (dead-letter table)
 *     silt:paused, silt:paused-at                              whether an operator paused the table (`pause.ts`)
 */
export type PartitionCounter = 'silt' | 'silt-first' | 'silt-gaps' | 'silt-accepted'

export interface PartitionKey {
  readonly topic: string
  readonly topicId: string | null
  readonly partition: number
  readonly restart: number
}

export function partitionAppId(counter: PartitionCounter, key: PartitionKey): string {
  const suffix = key.restart > 0 ? `:${key.restart}` : ''
  return `${counter}:${key.topic}:${key.topicId ?? ''}:${key.partition}${suffix}`
}

/** The reverse of `partitionAppId`; undefined for every other app id. */
export function parsePartitionAppId(appId: string): { counter: PartitionCounter; key: PartitionKey } | undefined {
  const match = /^(silt|silt-first|silt-gaps|silt-accepted):([^:]+):([^:]*):(\d+)(?::(\d+))?$/.exec(appId)
  if (match === null) return undefined
  const [, counter, topic, topicId, partition, restart] = match
  return {
    counter: counter as PartitionCounter,
    key: {
      topic: topic as string,
      topicId: topicId === '' ? null : (topicId as string),
      partition: Number(partition),
      restart: Number(restart ?? 0),
    },
  }
}

/** In the main table: the version of the last commit that recorded dead letters. */
export const deadLetterPointerAppId = 'silt:dead-letters'

/** In the dead-letter table: the main version whose record was last applied. */
export function deadLetterAppliedAppId(mainTableId: string): string {
  return `${deadLetterPointerAppId}:${mainTableId}`
}
