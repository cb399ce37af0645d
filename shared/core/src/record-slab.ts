/**
 * A run of consecutive records of one partition as parallel arrays over one byte arena: no object per record.
 *
 * 1. `offsets` ascend strictly within `[start, nextOffset)`; missing offsets are gaps (compaction, control records, aborted data).
 * 2. Every offset in `[start, nextOffset)` has been looked at: nothing readable there is missing from the slab.
 * 3. Positions index `bytes`; a start of -1 means null (no key, tombstone).
 */
export interface RecordSlab {
  readonly partition: number
  readonly start: number
  readonly nextOffset: number
  readonly count: number
  readonly offsets: Float64Array
  /** Record timestamps, ms since the Unix epoch; -1 = the source has none. */
  readonly timestampsMs: Float64Array
  readonly bytes: Uint8Array
  /** Bytes held for this slab: all of `bytes`, unless that is memory with more in it. */
  readonly sizeBytes: number
  readonly keyStarts: Int32Array
  readonly keyEnds: Int32Array
  readonly valueStarts: Int32Array
  readonly valueEnds: Int32Array
  /**
   * Headers in Kafka's record format, -1 = none:
   * `count:varint (keyLength:varint key:bytes valueLength:varint(-1 = null) value:bytes){count}`, varints zigzag.
   */
  readonly headerStarts: Int32Array
  readonly headerEnds: Int32Array
  /** Values a source would not hold in memory, by index into the arrays; their value position is -1. */
  readonly oversized: ReadonlyMap<number, OversizedValue>
}

export interface OversizedValue {
  readonly lengthBytes: number
  readonly sha256Hex: string
}
