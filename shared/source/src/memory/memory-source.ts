import {
  SiltError,
  type Clock,
  type PartitionEnds,
  type ReadRequest,
  type RecordSlab,
  type Source,
  type TopicPartition,
} from '@silt/core'
import { outOfRange, topicChanged, topicMissing } from '../errors.ts'
import { MemoryLog, type MemoryRecord } from './memory-log.ts'
import { memorySlab } from './memory-slab.ts'

export interface MemorySourceOptions {
  /** Gives appended records their time unless they bring one. */
  readonly clock: Clock
  readonly slabRecordsMax?: number
  readonly recordBytesMax?: number
}

interface Topic {
  readonly topicId: string
  readonly logs: readonly MemoryLog[]
}

/**
 * A source in memory that can do to its reader what Kafka does: gaps, retention, truncation, a last stable offset that
 * stands still, re-creation under a new topic id, outages. For tests and the simulation; it keeps every record.
 */
export class MemorySource implements Source {
  readonly kind = 'memory'
  readonly offsetUnit = 'record'
  readonly #clock: Clock
  readonly #slabRecordsMax: number
  readonly #recordBytesMax: number
  readonly #topics = new Map<string, Topic>()
  #outage = false

  constructor(options: MemorySourceOptions) {
    this.#clock = options.clock
    this.#slabRecordsMax = options.slabRecordsMax ?? 1000
    this.#recordBytesMax = options.recordBytesMax ?? 16 * 1024 * 1024
  }

  /** Makes the topic, or makes it anew and empty under another id. */
  createTopic(topic: string, partitionCount: number, topicId: string): void {
    this.#topics.set(topic, { topicId, logs: Array.from({ length: partitionCount }, () => new MemoryLog()) })
  }

  deleteTopic(topic: string): void {
    this.#topics.delete(topic)
  }

  addPartitions(topic: string, count: number): void {
    const { topicId, logs } = this.#topic(topic)
    this.#topics.set(topic, { topicId, logs: [...logs, ...Array.from({ length: count }, () => new MemoryLog())] })
  }

  /** Appends in order; the log's high watermark is the next offset. */
  append(topic: string, partition: number, records: readonly MemoryRecord[]): void {
    const log = this.log(topic, partition)
    for (const record of records) log.append({ ...record, timestampMs: record.timestampMs ?? this.#clock.nowMs() })
  }

  /** The partition's log, to shape: gaps, retention, truncation, last stable offset. */
  log(topic: string, partition: number): MemoryLog {
    const log = this.#topic(topic).logs[partition]
    if (log === undefined)
      throw new SiltError('unavailable', 'source/unavailable', `topic "${topic}" has no partition ${partition}`)
    return log
  }

  /** While on, every call fails with `source/unavailable`. */
  setOutage(on: boolean): void {
    this.#outage = on
  }

  async partitions(topic: string): Promise<readonly TopicPartition[] | undefined> {
    await this.#answer()
    const found = this.#topics.get(topic)
    return found?.logs.map((_, partition) => ({ partition, topicId: found.topicId }))
  }

  async ends(topic: string, partitions: readonly number[]): Promise<readonly PartitionEnds[]> {
    await this.#answer()
    this.#topic(topic)
    return partitions.map((partition) => {
      const { logStart, readableEnd } = this.log(topic, partition)
      return { partition, logStart, readableEnd }
    })
  }

  async offsetAtTime(
    topic: string,
    partitions: readonly number[],
    timeMs: number,
  ): Promise<ReadonlyMap<number, number>> {
    await this.#answer()
    this.#topic(topic)
    return new Map(partitions.map((partition) => [partition, this.log(topic, partition).offsetAtTime(timeMs)]))
  }

  async *read(request: ReadRequest, signal: AbortSignal): AsyncGenerator<RecordSlab> {
    const { topic, partition, start, endExclusive } = request
    await this.#answer(signal)
    for (let position = start; position < endExclusive;) {
      const log = this.#requireReadable(request, position)
      const records = log.slice(position, endExclusive, this.#slabRecordsMax)
      const last = records.at(-1)
      const nextOffset = records.length < this.#slabRecordsMax || last === undefined ? endExclusive : last.offset + 1
      yield memorySlab({ partition, start: position, nextOffset }, records, this.#recordBytesMax)
      position = nextOffset
      await this.#answer(signal)
    }
    this.#requireSameTopic(topic, request)
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  #requireReadable(request: ReadRequest, position: number): MemoryLog {
    const { topic, partition, endExclusive } = request
    this.#requireSameTopic(topic, request)
    const log = this.log(topic, partition)
    if (position < log.logStart || endExclusive > log.readableEnd)
      throw outOfRange(topic, request, log.logStart, log.readableEnd)
    return log
  }

  #requireSameTopic(topic: string, request: ReadRequest): void {
    const { topicId } = this.#topic(topic)
    if (request.topicId !== null && request.topicId !== topicId)
      throw topicChanged(topic, request.partition, request.topicId, topicId)
  }

  #topic(topic: string): Topic {
    const found = this.#topics.get(topic)
    if (found === undefined) throw topicMissing('memory', topic)
    return found
  }

  /** Stands for a round trip: whoever else is ready runs first. */
  async #answer(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted()
    await Promise.resolve()
    signal?.throwIfAborted()
    if (this.#outage) throw new SiltError('unavailable', 'source/unavailable', 'the memory source is away')
  }
}
