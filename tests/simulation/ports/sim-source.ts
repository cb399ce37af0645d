import {
  SiltError,
  type PartitionEnds,
  type ReadRequest,
  type RecordSlab,
  type Source,
  type TopicPartition,
} from '@silt/core'
import type { MemorySource } from '@silt/source'
import type { SimProcess } from '../process.ts'

/** The topic as one process sees it. */
export class SimSource implements Source {
  readonly kind = 'memory'
  readonly offsetUnit = 'record'
  readonly #process: SimProcess
  readonly #truth: MemorySource
  readonly highWatermarks?: NonNullable<Source['highWatermarks']>

  /** `hasTransactions`: it tells high watermarks, as a source with transactions does. */
  constructor(process: SimProcess, truth: MemorySource, hasTransactions = false) {
    this.#process = process
    this.#truth = truth
    if (!hasTransactions) return
    const highWatermarks = (topic: string, partitions: readonly number[]): ReadonlyMap<number, number> =>
      new Map(partitions.map((partition) => [partition, truth.log(topic, partition).highWatermark]))
    this.highWatermarks = (topic, partitions) =>
      this.#ask('highWatermarks', () => Promise.resolve(highWatermarks(topic, partitions)))
  }

  partitions(topic: string): Promise<readonly TopicPartition[] | undefined> {
    return this.#ask('partitions', () => this.#truth.partitions(topic))
  }

  ends(topic: string, partitions: readonly number[]): Promise<readonly PartitionEnds[]> {
    return this.#ask('ends', () => this.#truth.ends(topic, partitions))
  }

  offsetAtTime(topic: string, partitions: readonly number[], timeMs: number): Promise<ReadonlyMap<number, number>> {
    return this.#ask('offsetAtTime', () => this.#truth.offsetAtTime(topic, partitions, timeMs))
  }

  async *read(request: ReadRequest, signal: AbortSignal): AsyncGenerator<RecordSlab> {
    // What a fetch answers is what stands under the name by then: the topic's id is another question, asked before and after.
    await this.#requireSameTopic(request)
    const slabs = this.#truth.read({ ...request, topicId: null }, signal)
    for (;;) {
      signal.throwIfAborted()
      const step = await this.#ask('fetch', () => slabs.next())
      if (step.done === true) return this.#requireSameTopic(request)
      yield step.value
    }
  }

  close(): Promise<void> {
    return Promise.resolve()
  }

  async #requireSameTopic({ topic, topicId, partition }: ReadRequest): Promise<void> {
    const found = await this.partitions(topic)
    const isSame = found?.some((each) => each.partition === partition && each.topicId === topicId) ?? false
    if (!isSame)
      throw new SiltError('data', 'source/topic-changed', `partition ${partition} of ${topic} is another log now`)
  }

  #ask<T>(operation: string, effect: () => Promise<T>): Promise<T> {
    const away = (): SiltError =>
      new SiltError('unavailable', 'source/unavailable', `the source did not take ${operation}`)
    return this.#process.call(`source.${operation}`, effect, { refused: away, lost: away })
  }
}
