import type { Clock, JobQueue, Log, Membership, Metrics, ObjectStore, ParquetReader, Source, Traces } from '@silt/core'
import type { StartFrom } from './start-from.ts'

export interface IngestorDeps {
  readonly source: Source
  readonly membership: Membership
  /** Rooted at the main table's folder. */
  readonly store: ObjectStore
  readonly parquetReader: ParquetReader
  readonly writeQueue: JobQueue
  /** Newest version first: starts go into the first, notices are heard from all. */
  readonly commitQueues: readonly JobQueue[]
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  /** Undefined: nothing is traced. */
  readonly traces?: Traces
  /** Planning: the table and the topic exist and the source has answered. `note`: that the table is paused, else empty. */
  readonly onReady: (note: string) => void
  /** Not planning, and why: the message names the setting at fault. */
  readonly onWaiting: (why: string) => void
}

/** Settings of one ingestor; `defaultIngestorOptions` has the defaults of those that have one. */
export interface IngestorOptions {
  /** The table's label (`tableLabel`). */
  readonly table: string
  readonly topic: string
  readonly startFrom: StartFrom
  /** End when every partition's `txn` has reached the readable end seen at start. */
  readonly untilIdle: boolean
  readonly batchSize: number
  readonly batchTimeoutMs: number
  readonly unitMaxOffsets: number
  readonly unitFirstOffsets: number
  readonly unitBytesMax: number
  readonly unitsInFlightMax: number
  readonly uncommittedOffsetsMax: number
  readonly uncommittedBytesMax: number
  readonly commitIntervalMinMs: number
  readonly endPollMs: number
  readonly txnRefreshMs: number
  readonly replanAfterMs: number
  readonly replanAfterMaxMs: number
  /** How often the topic's partitions and ids are looked up. */
  readonly topicPollMs: number
  /** A partition that looks stopped is one after this long. */
  readonly stopConfirmMs: number
  readonly shutdownDeadlineMs: number
}

export const defaultIngestorOptions = Object.freeze({
  startFrom: Object.freeze({ kind: 'earliest' }),
  untilIdle: false,
  batchSize: 100,
  batchTimeoutMs: 10_000,
  unitMaxOffsets: 100_000,
  unitFirstOffsets: 25_000,
  unitBytesMax: 128 * 2 ** 20,
  unitsInFlightMax: 16,
  uncommittedOffsetsMax: 2_000_000,
  uncommittedBytesMax: 2 ** 30,
  commitIntervalMinMs: 1000,
  endPollMs: 200,
  txnRefreshMs: 2000,
  replanAfterMs: 8000,
  replanAfterMaxMs: 60_000,
  topicPollMs: 5000,
  stopConfirmMs: 3000,
  shutdownDeadlineMs: 20_000,
} as const) satisfies Omit<IngestorOptions, 'table' | 'topic'>
