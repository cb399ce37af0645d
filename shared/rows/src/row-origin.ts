import type { Instant } from './instant.ts'

/** Where a document came from, for its row's provenance columns. */
export interface RowOrigin {
  readonly partition: number
  readonly offset: number
  readonly kafkaTimestamp: Instant
  /** The record's own time if `kafkaTimestamp` had to stand in for it. */
  readonly unfitTimestampMs: number | undefined
}
