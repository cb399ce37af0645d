import { asSiltError, type Source } from '@silt/core'
import { Partitioners } from 'kafkajs'
import type { CollectedEvent } from '../events/split-events.ts'
import { allFailed, GroupAppend } from '../group-append.ts'
import type { AppendFailure, EventSink } from '../sink.ts'
import { noTopic } from './produce-error.ts'
import { ProducerTurns, type OpenProducer } from './producer-turns.ts'
import { sendEvents } from './send-events.ts'

export interface KafkaSinkOptions {
  readonly topic: string
  readonly openProducer: OpenProducer
  /** Our own client: knows the topic's partitions, and tells what is wrong with a connection by the settings' names. */
  readonly source: Pick<Source, 'partitions'>
}

/** A record batch stays well below a broker's default `message.max.bytes` (1 MiB). */
const batchBytesMax = 512 * 1024

interface Placed {
  readonly index: number
  readonly event: CollectedEvent
  readonly bytes: number
}

/** Events as records of a topic: by the Java client's hash of their key, without one each request's events to the next partition in turn. */
export class KafkaSink implements EventSink {
  readonly #options: KafkaSinkOptions
  readonly #producers: ProducerTurns
  readonly #partitionOfKey = Partitioners.DefaultPartitioner()
  /** One entry a partition, so bounded by the topic. */
  readonly #appends = new Map<number, GroupAppend<CollectedEvent>>()
  #partitions: readonly number[] = []
  #turn = 0

  constructor(options: KafkaSinkOptions) {
    this.#options = options
    this.#producers = new ProducerTurns(options.openProducer)
  }

  async append(events: readonly CollectedEvent[], signal: AbortSignal): Promise<readonly AppendFailure[]> {
    try {
      if (this.#partitions.length === 0) await this.check()
    } catch (thrown) {
      return allFailed(events, asSiltError(thrown))
    }
    const failures = await Promise.all(
      [...this.#place(events)].flatMap(([partition, placed]) =>
        batchesOf(placed).map((batch) => this.#send(partition, batch, signal)),
      ),
    )
    return failures.flat().sort((a, b) => a.index - b.index)
  }

  async check(): Promise<void> {
    const { source, topic } = this.#options
    const found = await source.partitions(topic)
    if (found === undefined || found.length === 0) throw noTopic(topic)
    this.#partitions = found.map(({ partition }) => partition).sort((a, b) => a - b)
    // A user who may write nothing learns it here: no producer opens.
    await this.#producers.use(() => Promise.resolve())
  }

  async close(): Promise<void> {
    await Promise.all([...this.#appends.values()].map((append) => append.idle()))
    await this.#producers.close()
  }

  #place(events: readonly CollectedEvent[]): ReadonlyMap<number, readonly Placed[]> {
    const byPartition = new Map<number, Placed[]>()
    const inTurn = this.#partitions[this.#turn++ % this.#partitions.length] ?? 0
    for (const [index, event] of events.entries()) {
      const partition = event.key === null ? inTurn : this.#hashed(event.key)
      const bytes = Buffer.byteLength(event.text) + Buffer.byteLength(event.key ?? '')
      const placed = byPartition.get(partition)
      if (placed === undefined) byPartition.set(partition, [{ index, event, bytes }])
      else placed.push({ index, event, bytes })
    }
    return byPartition
  }

  #hashed(key: string): number {
    const { topic } = this.#options
    const partitionMetadata = this.#partitions.map((partitionId) => ({
      partitionId,
      partitionErrorCode: 0,
      leader: 0,
      replicas: [],
      isr: [],
    }))
    return this.#partitionOfKey({ topic, partitionMetadata, message: { key, value: null } })
  }

  async #send(partition: number, batch: readonly Placed[], signal: AbortSignal): Promise<readonly AppendFailure[]> {
    const bytes = batch.reduce((sum, each) => sum + each.bytes, 0)
    const events = batch.map(({ event }) => event)
    const failures = await this.#appendOf(partition).add(events, bytes, signal)
    return failures.map(({ index, error }) => ({ index: batch[index]?.index ?? index, error }))
  }

  #appendOf(partition: number): GroupAppend<CollectedEvent> {
    const { topic } = this.#options
    const found =
      this.#appends.get(partition) ??
      new GroupAppend<CollectedEvent>({
        write: (events) => sendEvents(this.#producers, topic, partition, events),
        groupBytesMax: batchBytesMax,
      })
    this.#appends.set(partition, found)
    return found
  }
}

/** Events in order, cut before a batch grows beyond its bound. */
function batchesOf(placed: readonly Placed[]): readonly (readonly Placed[])[] {
  const batches: Placed[][] = []
  let bytes = Number.POSITIVE_INFINITY
  for (const each of placed) {
    if (bytes + each.bytes > batchBytesMax) {
      batches.push([])
      bytes = 0
    }
    batches.at(-1)?.push(each)
    bytes += each.bytes
  }
  return batches
}
