import type { Clock, PartitionEnds, Random, ReadRequest, RecordSlab, Source, TopicPartition } from '@silt/core'
import { Cluster } from './cluster.ts'
import { FetchSize } from './fetch-size.ts'
import type { Isolation, KafkaConnectionOptions } from './kafka-options.ts'
import type { Landing } from './landing/answer-memory.ts'
import type { CollectorOf } from './landing/batch-collector.ts'
import { OffsetListing } from './offset-listing.ts'
import { PartitionFetcher } from './partition-fetcher.ts'
import { PartitionReader, type ReaderSettings } from './partition-reader.ts'
import { RetryBudget } from './retry-budget.ts'

const MIB = 1024 * 1024
const FETCH_SIZES_MAX = 1000

export interface KafkaSourceOptions extends KafkaConnectionOptions {
  readonly clock: Clock
  readonly random: Random
  /** Default read_committed (KAFKA_ISOLATION_LEVEL). */
  readonly isolation?: Isolation
  /** Asked for in one Fetch; a larger batch arrives all the same. Default 1 MiB. */
  readonly fetchBytesMax?: number
  /** Answers larger than this are refused. Default 128 MiB. */
  readonly responseBytesMax?: number
  /** One record batch after decompression. Default 256 MiB. */
  readonly batchBytesMax?: number
  /** A slab is handed over once it holds this much; one batch may go beyond. Default 4 MiB. */
  readonly slabBytesMax?: number
  /** Longer values are not held: length and digest only (RECORD_BYTES_MAX). Default 16 MiB. */
  readonly recordBytesMax?: number
  /** `read` goes on trying this long without progress. Default 30 s. */
  readonly readBudgetMs?: number
  /** `partitions`, `ends`, `offsetAtTime` go on trying this long. Default 5 s. */
  readonly askBudgetMs?: number
  /** Memory that Fetch answers land in. Default: a buffer each. */
  readonly landing?: Landing
  /** Reads batches where they landed. Its slabs are valid until the next is asked for. Default: slabs of their own. */
  readonly collectorOf?: CollectorOf
}

/**
 * Kafka topics, read with our own protocol client: exact ranges, read_committed by the Java client's rule, no group, no session.
 * Needs Kafka 2.8 or newer (Fetch v12..v16, Metadata v10..v12, ListOffsets v6..v8, negotiated per connection).
 *
 * Topic ids are spelled as Kafka's tools print them. Safe for many reads at once; each holds one connection, two answers
 * and one slab. Errors: see `Source`.
 */
export class KafkaSource implements Source {
  readonly kind = 'kafka'
  readonly offsetUnit = 'record'
  readonly #cluster: Cluster
  readonly #listing: OffsetListing
  /** What is written, whether its transaction has ended or not. */
  readonly #logListing: OffsetListing
  readonly #settings: ReaderSettings
  readonly #askBudgetMs: number
  readonly #clock: Clock
  readonly #random: Random
  readonly #landing: Landing | undefined
  readonly #collectorOf: CollectorOf | undefined
  readonly #fetchSizes = new Map<string, FetchSize>()

  constructor(options: KafkaSourceOptions) {
    const isolation = options.isolation ?? 'read_committed'
    const responseBytesMax = options.responseBytesMax ?? 128 * MIB
    this.#cluster = new Cluster({ ...options, responseBytesMax }, options.clock, options.random)
    this.#listing = new OffsetListing(this.#cluster, isolation)
    this.#logListing = new OffsetListing(this.#cluster, 'read_uncommitted')
    this.#askBudgetMs = options.askBudgetMs ?? 5000
    this.#clock = options.clock
    this.#random = options.random
    this.#landing = options.landing
    this.#collectorOf = options.collectorOf
    this.#settings = {
      isolation,
      responseBytesMax,
      fetchMaxWaitMs: 200,
      fetchBytesMax: options.fetchBytesMax ?? MIB,
      slabBytesMax: options.slabBytesMax ?? 4 * MIB,
      batchBytesMax: options.batchBytesMax ?? 256 * MIB,
      recordBytesMax: options.recordBytesMax ?? 16 * MIB,
      readBudgetMs: options.readBudgetMs ?? 30_000,
      settleMs: 2000,
    }
  }

  /** Never from memory: asked again after offsets or records were, it tells whose they are. */
  async partitions(topic: string): Promise<readonly TopicPartition[] | undefined> {
    const view = await this.#persist(() => this.#cluster.topic(topic, 0))
    return view?.partitions.map(({ partition }) => ({ partition, topicId: view.topicId }))
  }

  /** A fetch of one byte: whoever may list a topic may still not read it. */
  async checkReadable(topic: string): Promise<void> {
    const view = await this.#cluster.topic(topic)
    const partition = view?.partitions[0]?.partition
    if (partition === undefined) return
    const request = { topic, topicId: null, partition, start: 0, endExclusive: 1, cutAtMs: 0 }
    const fetcher = new PartitionFetcher(this.#cluster, request, this.#settings.isolation, 0, this.#clock)
    try {
      await fetcher.fetch(0, 1)
    } finally {
      fetcher.close()
    }
  }

  async ends(topic: string, partitions: readonly number[]): Promise<readonly PartitionEnds[]> {
    const ends = await this.#persist(() => this.#listing.ends(topic, partitions))
    return [...ends].map(([partition, { logStart, readableEnd }]) => ({ partition, logStart, readableEnd }))
  }

  async highWatermarks(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const ends = await this.#persist(() => this.#logListing.ends(topic, partitions))
    return new Map([...ends].map(([partition, { readableEnd }]) => [partition, readableEnd]))
  }

  offsetAtTime(topic: string, partitions: readonly number[], timeMs: number): Promise<ReadonlyMap<number, number>> {
    return this.#persist(() => this.#listing.atTime(topic, partitions, timeMs))
  }

  async *read(request: ReadRequest, signal: AbortSignal): AsyncGenerator<RecordSlab> {
    signal.throwIfAborted()
    const parts = {
      cluster: this.#cluster,
      listing: this.#listing,
      fetchSize: this.#fetchSize(request.topic),
      settings: this.#settings,
      clock: this.#clock,
      random: this.#random,
      landing: this.#landing,
      collectorOf: this.#collectorOf,
    }
    yield* new PartitionReader(parts, request, signal).slabs()
  }

  close(): Promise<void> {
    return this.#cluster.close()
  }

  #fetchSize(topic: string): FetchSize {
    const known = this.#fetchSizes.get(topic)
    if (known !== undefined) return known
    if (this.#fetchSizes.size >= FETCH_SIZES_MAX) this.#fetchSizes.clear()
    const fresh = new FetchSize(this.#settings.fetchBytesMax)
    this.#fetchSizes.set(topic, fresh)
    return fresh
  }

  async #persist<T>(attempt: () => Promise<T>): Promise<T> {
    const budget = new RetryBudget(this.#askBudgetMs, this.#clock, this.#random)
    for (;;) {
      try {
        return await attempt()
      } catch (error) {
        await budget.spend(error)
      }
    }
  }
}
