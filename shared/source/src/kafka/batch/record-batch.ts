import { crc32c } from '@node-rs/crc32'
import { SiltError } from '@silt/core'
import { CODECS, type Codec } from './decompress.ts'
import { MalformedBatch } from './malformed-batch.ts'
import { VarintCursor } from './varint-cursor.ts'

const LENGTH_END = 12
const MAGIC_AT = 16
const CRC_FROM = 21
const HEADER_BYTES = 61
const CONTROL_KEY_ABORT = 0

/**
 * One record batch of format 2, located in a Fetch response.
 *
 *     0 base_offset:i64 | 8 length:i32 (of all behind it) | 12 leader_epoch:i32 | 16 magic:i8 | 17 crc:u32 (CRC-32C of all behind it)
 *     21 attributes:i16 (bits 0-2 codec, 3 log-append time, 4 transactional, 5 control) | 23 last_offset_delta:i32
 *     27 base_timestamp:i64 | 35 max_timestamp:i64 | 43 producer_id:i64 | 51 epoch:i16 | 53 sequence:i32 | 57 count:i32 | 61 records
 */
export interface RecordBatch {
  readonly bytes: Buffer
  readonly baseOffset: number
  readonly lastOffset: number
  readonly codec: Codec
  readonly logAppendTime: boolean
  readonly transactional: boolean
  readonly control: boolean
  /** Milliseconds: any 64 bits a producer may have set. */
  readonly baseTimestamp: bigint
  readonly maxTimestampMs: number
  /** -1: none. */
  readonly producerId: bigint
  readonly recordCount: number
}

/** Where bytes came from, for errors. */
export interface BatchPlace {
  readonly topic: string
  readonly partition: number
}

/**
 * The whole batches of a Fetch response, in order; a cut-off last one is left out. Headers only: see `verifyChecksum`.
 *
 * Errors: `source/corrupt` (data), `source/unsupported` (unsupported; magic 0 and 1), both naming topic, partition and base offset.
 */
export function locateBatches(records: Buffer, place: BatchPlace): RecordBatch[] {
  const batches: RecordBatch[] = []
  let nextOffset = 0
  for (let at = 0; records.length - at > MAGIC_AT;) {
    const baseOffset = Number(records.readBigInt64BE(at))
    const length = records.readInt32BE(at + 8)
    const magic = records.readInt8(at + MAGIC_AT)
    if (magic === 0 || magic === 1) throw oldFormat(place, baseOffset, magic)
    if (magic !== 2 || length < HEADER_BYTES - LENGTH_END)
      throw corrupt(place, baseOffset, `magic ${magic}, length ${length}`)
    const end = at + LENGTH_END + length
    if (end > records.length) break
    const batch = readHeader(records.subarray(at, end), baseOffset, place)
    if (baseOffset < nextOffset) throw corrupt(place, baseOffset, `it follows offset ${nextOffset - 1}`)
    batches.push(batch)
    nextOffset = batch.lastOffset + 1
    at = end
  }
  return batches
}

/** `checksum`: CRC-32C by other means, undefined where they do not apply. Errors: `source/corrupt`. */
export function verifyChecksum(
  batch: RecordBatch,
  place: BatchPlace,
  checksum?: (bytes: Buffer) => number | undefined,
): void {
  const stated = batch.bytes.readUInt32BE(17)
  const covered = batch.bytes.subarray(CRC_FROM)
  const actual = checksum?.(covered) ?? crc32c(covered)
  if (stated === actual) return
  throw corrupt(place, batch.baseOffset, `its CRC-32C is ${actual.toString(16)}, not ${stated.toString(16)} as it says`)
}

/** The records' bytes, compressed or not. */
export function recordArea(batch: RecordBatch): Buffer {
  return batch.bytes.subarray(HEADER_BYTES)
}

/** Whether a control batch ends its producer's transaction by aborting it (key: version:i16 type:i16, type 0). */
export function isAbortMarker(batch: RecordBatch, place: BatchPlace): boolean {
  if (!batch.control || batch.recordCount === 0) return false
  try {
    if (batch.codec !== 'none') throw new MalformedBatch(`a control batch compressed with ${batch.codec}`)
    const area = recordArea(batch)
    const cursor = new VarintCursor(area, 0, area.length)
    cursor.varint()
    cursor.at++
    cursor.varlong()
    cursor.varint()
    if (cursor.varint() < 4 || area.length - cursor.at < 4) throw new MalformedBatch('a control record without a type')
    return area.readInt16BE(cursor.at + 2) === CONTROL_KEY_ABORT
  } catch (error) {
    throw asCorrupt(error, place, batch.baseOffset)
  }
}

/** `MalformedBatch` as `source/corrupt`; anything else as it is. */
export function asCorrupt(error: unknown, place: BatchPlace, baseOffset: number): unknown {
  return error instanceof MalformedBatch ? corrupt(place, baseOffset, error.message, error) : error
}

function readHeader(bytes: Buffer, baseOffset: number, place: BatchPlace): RecordBatch {
  const attributes = bytes.readInt16BE(21)
  const codec = CODECS[attributes & 7]
  const lastOffset = baseOffset + bytes.readInt32BE(23)
  const recordCount = bytes.readInt32BE(57)
  if (codec === undefined)
    throw new SiltError(
      'unsupported',
      'source/unsupported',
      `${describe(place, baseOffset)}: compression ${attributes & 7}`,
      {
        context: { ...place, baseOffset },
      },
    )
  if (baseOffset < 0 || !Number.isSafeInteger(lastOffset) || lastOffset < baseOffset)
    throw corrupt(place, baseOffset, `its last offset is ${lastOffset}`)
  if (recordCount < 0 || recordCount > lastOffset - baseOffset + 1)
    throw corrupt(place, baseOffset, `${recordCount} records`)
  return {
    bytes,
    baseOffset,
    lastOffset,
    codec,
    logAppendTime: (attributes & 8) !== 0,
    transactional: (attributes & 16) !== 0,
    control: (attributes & 32) !== 0,
    baseTimestamp: bytes.readBigInt64BE(27),
    maxTimestampMs: Number(bytes.readBigInt64BE(35)),
    producerId: bytes.readBigInt64BE(43),
    recordCount,
  }
}

function oldFormat(place: BatchPlace, baseOffset: number, magic: number): SiltError {
  return new SiltError(
    'unsupported',
    'source/unsupported',
    `${describe(place, baseOffset)}: message format ${magic} (magic ${magic}) is not read; only record batches of format 2 (Kafka 0.11) are`,
    { context: { ...place, baseOffset, magic } },
  )
}

function corrupt(place: BatchPlace, baseOffset: number, why: string, cause?: unknown): SiltError {
  return new SiltError('data', 'source/corrupt', `${describe(place, baseOffset)}: ${why}`, {
    context: { ...place, baseOffset },
    cause,
  })
}

function describe({ topic, partition }: BatchPlace, baseOffset: number): string {
  return `record batch at offset ${baseOffset} of topic ${topic}, partition ${partition}`
}
