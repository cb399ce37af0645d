import { SiltError } from '@silt/core'
import type { Clock, Random, ReadRequest, RecordSlab } from '@silt/core'
import { outOfRange } from '../errors.ts'
import { abortable } from './abortable.ts'
import { AbortedFilter } from './batch/aborted-filter.ts'
import { locateBatches, verifyChecksum, type RecordBatch } from './batch/record-batch.ts'
import { SlabBuilder, type SlabLimits } from './batch/slab-builder.ts'
import type { Cluster } from './cluster.ts'
import type { FetchSize } from './fetch-size.ts'
import type { Isolation } from './kafka-options.ts'
import type { Landing } from './landing/answer-memory.ts'
import type { BatchCollector, CollectorOf } from './landing/batch-collector.ts'
import type { OffsetListing } from './offset-listing.ts'
import { PartitionFetcher, type FetchedRecords } from './partition-fetcher.ts'
import { RetryBudget } from './retry-budget.ts'

const SETTLE_POLL_MS = 100

export interface ReaderSettings extends SlabLimits {
  readonly isolation: Isolation
  readonly fetchMaxWaitMs: number
  readonly fetchBytesMax: number
  readonly responseBytesMax: number
  readonly slabBytesMax: number
  /** Reading goes on trying this long without progress. */
  readonly readBudgetMs: number
  /** How long a new leader may take to know that what was readable before is readable still. */
  readonly settleMs: number
}

export interface ReaderParts {
  readonly cluster: Cluster
  readonly listing: OffsetListing
  readonly fetchSize: FetchSize
  readonly settings: ReaderSettings
  readonly clock: Clock
  readonly random: Random
  /** Where answers land and what reads them there; left out: JavaScript's memory. */
  readonly landing?: Landing | undefined
  readonly collectorOf?: CollectorOf | undefined
}

/**
 * Reads one range of one partition. The next Fetch is on its way while the last answer is decoded: at most two answers
 * and one slab are in memory. A collector's slab is valid until the next is asked for. See `Source.read` for the contract.
 */
export class PartitionReader {
  readonly #parts: ReaderParts
  readonly #request: ReadRequest
  readonly #signal: AbortSignal
  readonly #fetcher: PartitionFetcher
  readonly #builder: SlabBuilder
  readonly #collector: BatchCollector | undefined
  readonly #budget: RetryBudget
  #fetching: Promise<FetchedRecords | 'out-of-range'> | undefined
  /** The answer whose records may be in the collector's slab. */
  #held: FetchedRecords | undefined
  #position: number
  #slabStart: number
  #bytesMax: number
  #laggingSinceMs: number | undefined
  #emptyAt: number | undefined

  constructor(parts: ReaderParts, request: ReadRequest, signal: AbortSignal) {
    const { cluster, settings, clock, random, landing } = parts
    this.#parts = parts
    this.#request = request
    this.#signal = signal
    this.#fetcher = new PartitionFetcher(cluster, request, settings.isolation, settings.fetchMaxWaitMs, clock, landing)
    this.#builder = new SlabBuilder(request, settings)
    this.#collector = parts.collectorOf?.(request.partition)
    this.#budget = new RetryBudget(settings.readBudgetMs, clock, random, signal)
    this.#position = request.start
    this.#slabStart = request.start
    this.#bytesMax = settings.fetchBytesMax
  }

  async *slabs(): AsyncGenerator<RecordSlab> {
    const { endExclusive } = this.#request
    let ahead: Promise<FetchedRecords | 'out-of-range'> | undefined
    try {
      while (this.#position < endExclusive) {
        const fetched = await this.#settled(ahead ?? this.#fetch(this.#position))
        ahead = undefined
        if (fetched === undefined || !(await this.#reachesEnd(fetched))) continue
        const batches = this.#locate(fetched)
        const last = batches.at(-1)
        if (last === undefined || last.lastOffset < this.#position) {
          await this.#onNothing(fetched)
          continue
        }
        const nextOffset = Math.min(last.lastOffset + 1, endExclusive)
        this.#parts.fetchSize.observe(fetched.records.length, last.lastOffset + 1 - this.#position)
        this.#onProgress()
        if (nextOffset < endExclusive) {
          ahead = this.#fetch(nextOffset)
          ahead.catch(() => undefined)
        }
        yield* this.#decode(batches, fetched, nextOffset)
      }
      await this.#finish()
      if (this.#slabStart < endExclusive) yield this.#take(endExclusive)
      // Whoever aborts must not take the range for covered.
      this.#signal.throwIfAborted()
    } finally {
      this.#fetcher.close()
      this.#letGo()
    }
  }

  #fetch(offset: number): Promise<FetchedRecords | 'out-of-range'> {
    const wanted = this.#parts.fetchSize.bytesFor(this.#request.endExclusive - offset)
    const bytesMax = this.#bytesMax > this.#parts.settings.fetchBytesMax ? this.#bytesMax : wanted
    return (this.#fetching = this.#fetcher.fetch(offset, bytesMax))
  }

  /** Nothing that was read is looked at any more; an answer that comes after all is nobody's. */
  #letGo(): void {
    this.#held?.release()
    this.#collector?.close()
    this.#fetching?.then(
      (fetched) => fetched !== 'out-of-range' && fetched.release(),
      () => undefined,
    )
  }

  /** The answer, or undefined when the same offset is to be asked for again. */
  async #settled(fetching: Promise<FetchedRecords | 'out-of-range'>): Promise<FetchedRecords | undefined> {
    try {
      const fetched = await abortable(fetching, this.#signal)
      if (fetched !== 'out-of-range') {
        // All slabs of the answer before it have been handed out and read.
        this.#held?.release()
        return (this.#held = fetched)
      }
      await this.#onOutOfRange()
    } catch (error) {
      this.#signal.throwIfAborted()
      await this.#budget.spend(error)
      this.#signal.throwIfAborted()
    }
    return undefined
  }

  #locate(fetched: FetchedRecords): RecordBatch[] {
    return locateBatches(fetched.records, this.#request)
  }

  *#decode(batches: readonly RecordBatch[], fetched: FetchedRecords, nextOffset: number): Generator<RecordSlab> {
    const { endExclusive } = this.#request
    const filter = new AbortedFilter(fetched.aborted, this.#request)
    const committedOnly = this.#parts.settings.isolation === 'read_committed'
    for (const batch of batches) {
      if (batch.baseOffset >= endExclusive) break
      verifyChecksum(batch, this.#request, (bytes) => this.#collector?.crc32c(bytes))
      const aborted = committedOnly && filter.isAborted(batch)
      if (!aborted && !batch.control && batch.lastOffset >= this.#position) yield* this.#collect(batch)
      this.#position = Math.max(this.#position, Math.min(batch.lastOffset + 1, endExclusive))
      // The last slab is left for `finish`, so that nothing unchecked completes the range.
      if (this.#sizeBytes >= this.#parts.settings.slabBytesMax && this.#position < endExclusive)
        yield this.#take(this.#position)
    }
    this.#position = nextOffset
    if (this.#count > 0 && nextOffset < endExclusive) yield this.#take(nextOffset)
  }

  /** Adds a batch to the collector's slab, or else to the builder's; only one of them is ever begun. */
  *#collect(batch: RecordBatch): Generator<RecordSlab> {
    const { endExclusive } = this.#request
    if (this.#collector !== undefined) {
      if (this.#builder.sizeBytes > 0) yield this.#take(this.#position)
      if (this.#collector.add(batch, this.#position, endExclusive)) return
      if (this.#collector.sizeBytes > 0) yield this.#take(this.#position)
    }
    this.#builder.add(batch, this.#position, endExclusive)
  }

  get #count(): number {
    return this.#builder.count + (this.#collector?.count ?? 0)
  }

  get #sizeBytes(): number {
    return Math.max(this.#builder.sizeBytes, this.#collector?.sizeBytes ?? 0)
  }

  #take(nextOffset: number): RecordSlab {
    const begun = this.#collector !== undefined && this.#collector.sizeBytes > 0 ? this.#collector : this.#builder
    const slab = begun.take(this.#slabStart, nextOffset)
    this.#slabStart = nextOffset
    return slab
  }

  async #finish(): Promise<void> {
    for (;;) {
      try {
        return await abortable(this.#fetcher.requireSameTopic(), this.#signal)
      } catch (error) {
        this.#signal.throwIfAborted()
        await this.#budget.spend(error)
      }
    }
  }

  #onProgress(): void {
    this.#budget.progressed()
    this.#laggingSinceMs = undefined
    this.#emptyAt = undefined
    this.#bytesMax = this.#parts.settings.fetchBytesMax
  }

  /** Whether all of the range is readable by what the answer says; if not, waits for it and has the question put again. */
  async #reachesEnd({ logStart, highWatermark, lastStableOffset }: FetchedRecords): Promise<boolean> {
    const readableEnd = this.#parts.settings.isolation === 'read_committed' ? lastStableOffset : highWatermark
    if (readableEnd >= this.#request.endExclusive) return true
    await this.#waitForEnd(logStart, readableEnd)
    return false
  }

  /** An answer without a whole batch at or behind the position. */
  async #onNothing(fetched: FetchedRecords): Promise<void> {
    if (fetched.records.length > 0) return this.#askForMore()
    const { topic, partition, endExclusive } = this.#request
    // The tail of the range holds no record any more (compaction). Believed when said twice, and only of data on the
    // broker's own disk: a remote read that timed out looks the same.
    if (this.#emptyAt === this.#position) {
      this.#position = endExclusive
      return
    }
    try {
      const local = await this.#parts.listing.isLocal(topic, partition, this.#position)
      if (!local)
        throw new SiltError('unavailable', 'source/unavailable', `tiered storage of topic ${topic} answers nothing`)
      this.#emptyAt = this.#position
    } catch (error) {
      await this.#budget.spend(error)
    }
  }

  /** Only a cut-off batch arrived: brokers send the first one whole, unless an old limit is in the way. */
  #askForMore(): void {
    const { responseBytesMax } = this.#parts.settings
    if (this.#bytesMax < responseBytesMax) {
      this.#bytesMax = Math.min(this.#bytesMax * 4, responseBytesMax)
      return
    }
    const { topic, partition } = this.#request
    const message = `the record batch at offset ${this.#position} of topic ${topic}, partition ${partition} exceeds ${responseBytesMax} bytes`
    throw new SiltError('unsupported', 'source/unsupported', message, {
      context: { topic, partition, offset: this.#position, responseBytesMax },
    })
  }

  async #onOutOfRange(): Promise<void> {
    const { topic, partition } = this.#request
    const ends = (await this.#parts.listing.ends(topic, [partition])).get(partition)
    const { logStart, readableEnd } = ends ?? { logStart: 0, readableEnd: 0 }
    if (this.#position < logStart) throw outOfRange(topic, this.#rest(), logStart, readableEnd)
    await this.#waitForEnd(logStart, readableEnd)
  }

  async #waitForEnd(logStart: number, readableEnd: number): Promise<void> {
    const nowMs = this.#parts.clock.monotonicMs()
    this.#laggingSinceMs ??= nowMs
    if (nowMs - this.#laggingSinceMs >= this.#parts.settings.settleMs)
      throw outOfRange(this.#request.topic, this.#rest(), logStart, readableEnd)
    await this.#parts.clock.sleep(SETTLE_POLL_MS, this.#signal)
    this.#signal.throwIfAborted()
  }

  #rest(): { partition: number; start: number; endExclusive: number } {
    const { partition, endExclusive } = this.#request
    return { partition, start: this.#position, endExclusive }
  }
}
