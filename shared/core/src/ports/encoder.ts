import type { StructType } from '../schema.ts'
import type { RecordSlab } from '../record-slab.ts'
import type { TableLayout } from '../table-layout.ts'

/** What is known of a range after reading it: `read = rows + deadLetters`, `gaps = endExclusive - start - read` (in offsets). */
export interface RangeCounts {
  readonly partition: number
  readonly start: number
  readonly endExclusive: number
  readonly read: number
  readonly rows: number
  readonly deadLetters: number
  readonly gaps: number
}

export interface EncodedFile {
  /** Delta partition values by physical names (`event_date` -> `2026-11-22`); empty for an unpartitioned table. */
  readonly partitionValues: Readonly<Record<string, string | null>>
  readonly bytes: Uint8Array
  readonly rowCount: number
  /** Delta statistics, the JSON text of an add's `stats`. */
  readonly stats: string
}

export interface EncodeSpec {
  readonly topic: string
  readonly topicId: string | null
  readonly cutAtMs: number
  /** The wall time the dead letters carry as `failed_at`, ms. */
  readonly failedAtMs: number
  /** The table's schema; files may add columns to it under `evolution: 'add'`. */
  readonly schema: StructType
  readonly partitionColumns: readonly string[]
  /** What else the table asks of files; left out for nothing. */
  readonly layout?: TableLayout
  readonly evolution: 'add' | 'rescue' | 'fail'
  readonly columnsMax: number
  readonly recordBytesMax: number
}

export interface EncodedUnit {
  /** The schema of the files: the spec's with any added columns at the end, before none is removed or changed. */
  readonly schema: StructType
  readonly files: readonly EncodedFile[]
  readonly deadLetterFiles: readonly EncodedFile[]
  /** In the order pushed, one a range. */
  readonly counts: readonly RangeCounts[]
}

/** Turns the slabs of one unit into files; any thread. A session is used by one caller, in order. */
export interface EncodeSession {
  /**
   * The slab's buffers belong to the session from here on (they may be transferred). `full`: the unit can hold no more (bytes, partitions of the
   * table); it may be said some slabs late, what is pushed after it was full is ignored and left out of the counts.
   */
  push(slab: RecordSlab): Promise<'more' | 'full'>
  /** Takes a slab's records as dead letters `crashes-decoder`, undecoded. */
  condemn(slab: RecordSlab, detail: string): Promise<void>
  /** `ranges` in the order read: where each began and ended as pushed. Where the unit became full, `counts` end early and later ranges are empty. */
  finish(
    ranges: readonly { readonly partition: number; readonly start: number; readonly endExclusive: number }[],
  ): Promise<EncodedUnit>
  /** Frees what is held without a result; safe after `finish`. */
  abandon(): void
}

/**
 * Errors of its sessions: `encoder/crashed` (data): whatever decoded died over what this session had pushed or was finishing;
 * `encoder/died` (unavailable): it died over something else, or before it began; what the decoder itself throws.
 */
export interface UnitEncoder {
  open(spec: EncodeSpec): Promise<EncodeSession>
  close(): Promise<void>
}
