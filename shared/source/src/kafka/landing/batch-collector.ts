import type { RecordSlab } from '@silt/core'
import type { RecordBatch } from '../batch/record-batch.ts'

/**
 * Reads record batches into slabs in a memory of its own, beside `SlabBuilder`, which is the specification: every batch it takes it takes with the
 * same records, and what it refuses, malformed or not, is left to the builder, which names what is wrong.
 *
 * What `take` gives is valid until the next `add`; what it gives may stand in the memory that answers landed in.
 */
export interface BatchCollector {
  /** Bytes and records since the last `take`. */
  readonly sizeBytes: number
  readonly count: number
  /** Undefined where it cannot reach the bytes. */
  crc32c(bytes: Buffer): number | undefined
  /** Adds the batch's records with offsets in `[from, to)`. False: refused, nothing is added. */
  add(batch: RecordBatch, from: number, to: number): boolean
  /** The slab covering `[start, nextOffset)`; the collector is empty after it. */
  take(start: number, nextOffset: number): RecordSlab
  /** The last slab is not read any more. */
  close(): void
}

/** Makes a collector for one read of a partition. */
export type CollectorOf = (partition: number) => BatchCollector
