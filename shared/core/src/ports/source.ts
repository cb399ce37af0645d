import type { OffsetRange } from '../offset-range.ts'
import type { RecordSlab } from '../record-slab.ts'

export interface TopicPartition {
  readonly partition: number
  /** Identity of the log behind the partition: a deleted and re-created topic has another. Null where the source has none. */
  readonly topicId: string | null
}

export interface PartitionEnds {
  readonly partition: number
  /** First offset still held. */
  readonly logStart: number
  /** Everything below is readable now: high watermark, last stable offset, or the byte after the last newline. */
  readonly readableEnd: number
}

export interface ReadRequest extends OffsetRange {
  readonly topic: string
  readonly topicId: string | null
  /** When the job was cut, ms: the record timestamp of sources that have none. */
  readonly cutAtMs: number
}

/**
 * An ordered, partitioned, replayable log.
 *
 * Errors: `source/unavailable` (unavailable), `source/topic-missing` (unavailable, names KAFKA_TOPIC or TOPICS_DIR),
 * `source/out-of-range` (data; the range starts before `logStart` or ends after the readable end),
 * `source/topic-changed` (data; the topic id is another), `source/corrupt` (data; a batch that fails its checksum, named),
 * `source/unsupported` (unsupported; for example magic 0/1 batches), `source/denied` (invalid).
 */
export interface Source {
  readonly kind: 'kafka' | 'files' | 'memory'
  /** What an offset counts: `record` (Kafka: at most one record each) or `byte` (files). */
  readonly offsetUnit: 'record' | 'byte'
  /** Partitions ascending, as of now, not remembered; undefined while the topic does not exist. Files: a partition exists once its first line is whole. */
  partitions(topic: string): Promise<readonly TopicPartition[] | undefined>
  /**
   * One attempt at reaching the source as a reader of the topic would, so that what is denied is known at start. A topic that does not exist passes.
   * Sources that deny nothing have none.
   */
  checkReadable?(topic: string): Promise<void>
  /** In any order. Partitions that are away while others answer are left out: one without a leader must not keep the rest. */
  ends(topic: string, partitions: readonly number[]): Promise<readonly PartitionEnds[]>
  /**
   * High watermarks by partition: the end of the log with the records of open transactions, never below `readableEnd` asked for before.
   * Sources without transactions have none.
   */
  highWatermarks?(topic: string, partitions: readonly number[]): Promise<ReadonlyMap<number, number>>
  /** First offset whose record timestamp is at or after `timeMs`; the readable end where there is none. Files: logStart. */
  offsetAtTime(topic: string, partitions: readonly number[], timeMs: number): Promise<ReadonlyMap<number, number>>
  /**
   * Slabs covering `[start, endExclusive)` in order; ends when the last slab's `nextOffset` reaches `endExclusive`.
   * Checks the topic id before the first and after the last slab. A consumer may stop early.
   */
  read(request: ReadRequest, signal: AbortSignal): AsyncIterable<RecordSlab>
  close(): Promise<void>
}

/** The partitions this process plans for now. `generation` grows with every change. */
export interface Assignment {
  readonly generation: number
  readonly partitions: readonly number[]
}

/** Who plans which partition: liveness only, never safety. */
export interface Membership {
  /**
   * Joins and stays joined until `signal` aborts, calling `onAssignment` at each change (an empty one at loss).
   * Waits while the topic is missing, calling `onWaiting` with the error that names the setting.
   */
  run(
    signal: AbortSignal,
    onAssignment: (assignment: Assignment) => void,
    onWaiting: (error: unknown) => void,
  ): Promise<void>
  /** Publishes progress for lag tools; of an older generation: ignored. Failure is logged by the adapter's owner, never fatal. */
  report(generation: number, nextOffsets: ReadonlyMap<number, number>): Promise<void>
}
