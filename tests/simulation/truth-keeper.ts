import { MemorySource } from '@silt/source'
import type { Truth, TruthLog, TruthRecord } from './history.ts'
import type { Clock } from '@silt/core'
import { deadlyText } from './mortal-encoder.ts'

export const topic = 'events'

/** What a record is made to be. `broken`, `too-large` and `deadly` become dead letters. */
export type RecordKind = 'plain' | 'new-column' | 'other-type' | 'broken' | 'too-large' | 'deadly'

interface KeptLog {
  readonly topicId: string
  readonly partition: number
  readonly records: (TruthRecord & { fate: TruthRecord['fate'] })[]
}

/** Produces into the topic, does to it what brokers do, and remembers what every offset was. */
export class TruthKeeper {
  readonly source: MemorySource
  readonly #gone: TruthLog[] = []
  #logs: KeptLog[] = []
  #topicIds = 0

  constructor(clock: Clock) {
    this.source = new MemorySource({ clock, slabRecordsMax: 6, recordBytesMax: 2000 })
  }

  get partitionCount(): number {
    return this.#logs.length
  }

  /** Makes the topic; a second time it is another topic, with another id and empty. */
  createTopic(partitions: number): void {
    this.#gone.push(...this.#logs.map((log) => ({ ...this.#truthOf(log), isGone: true })))
    const topicId = `topic-${++this.#topicIds}`
    this.source.createTopic(topic, partitions, topicId)
    this.#logs = Array.from({ length: partitions }, (_, partition) => ({ topicId, partition, records: [] }))
  }

  addPartition(): void {
    this.source.addPartitions(topic, 1)
    const topicId = this.#logs[0]?.topicId ?? ''
    this.#logs.push({ topicId, partition: this.#logs.length, records: [] })
  }

  produce(partition: number, kinds: readonly RecordKind[]): void {
    const log = this.#logs[partition]
    if (log === undefined) return
    for (const kind of kinds) {
      const offset = this.source.log(topic, partition).highWatermark
      const sessionId = `${log.topicId}/${partition}/${offset}`
      this.source.append(topic, partition, [{ value: valueOf(kind, sessionId, offset) }])
      const isDead = kind === 'broken' || kind === 'too-large' || kind === 'deadly'
      log.records.push({ offset, fate: 'readable', sessionId: isDead ? undefined : sessionId })
    }
  }

  /** From here on nothing can be read past the present end, until `endTransaction`. */
  beginTransaction(partition: number): void {
    const log = this.source.log(topic, partition)
    log.holdAt(log.readableEnd)
  }

  /** A control record ends it; what was written since its beginning is readable now, or never. */
  endTransaction(partition: number, isAborted: boolean): void {
    const log = this.source.log(topic, partition)
    const own = this.#logs[partition]
    const begin = log.readableEnd
    if (own === undefined) return
    if (isAborted) {
      const aborted = own.records.filter(({ offset }) => offset >= begin)
      for (const record of aborted) record.fate = 'aborted'
      log.remove(new Set(aborted.map(({ offset }) => offset)))
    }
    log.skip(1)
    log.holdAt(undefined)
  }

  compact(partition: number, takes: (offset: number) => boolean): void {
    const log = this.source.log(topic, partition)
    const { readableEnd } = log
    const own = this.#logs[partition]
    const taken = (own?.records ?? []).filter(
      ({ offset, fate }) => fate === 'readable' && offset < readableEnd - 1 && takes(offset),
    )
    for (const record of taken) record.fate = 'compacted'
    log.remove(new Set(taken.map(({ offset }) => offset)))
  }

  deleteBelow(partition: number, offset: number): void {
    const log = this.source.log(topic, partition)
    log.deleteBelow(Math.min(offset, log.readableEnd))
  }

  /** Per partition: the topic's id and where its readable end is. */
  ends(): readonly { readonly topicId: string; readonly partition: number; readonly readableEnd: number }[] {
    return this.#logs.map(({ topicId, partition }) => {
      const { readableEnd } = this.source.log(topic, partition)
      return { topicId, partition, readableEnd }
    })
  }

  truth(): Truth {
    return { topic, logs: [...this.#gone, ...this.#logs.map((log) => this.#truthOf(log))] }
  }

  #truthOf({ topicId, partition, records }: KeptLog): TruthLog {
    const { logStart, readableEnd } = this.source.log(topic, partition)
    return { topicId, partition, records, logStart, readableEnd, isGone: false }
  }
}

function valueOf(kind: RecordKind, sessionId: string, offset: number): string {
  const event = { timestamp: '2026-11-22T00:00:00Z', event_type: 'click', session_id: sessionId }
  switch (kind) {
    case 'plain':
      return JSON.stringify(event)
    case 'new-column':
      return JSON.stringify({ ...event, [`extra_${offset % 5}`]: offset })
    case 'other-type':
      return JSON.stringify({ ...event, [`extra_${offset % 5}`]: `text ${offset}` })
    case 'broken':
      return `{"session_id": "${sessionId}"`
    case 'deadly':
      return JSON.stringify({ ...event, interaction_text: deadlyText })
    case 'too-large':
      return JSON.stringify({ ...event, interaction_text: 'x'.repeat(3000) })
  }
}
