import { createHash } from 'node:crypto'
import type { OversizedValue, RecordSlab } from '@silt/core'
import { ByteArena } from './byte-arena.ts'
import { appendDecompressed } from './decompress.ts'
import { MalformedBatch } from './malformed-batch.ts'
import { asCorrupt, recordArea, type BatchPlace, type RecordBatch } from './record-batch.ts'
import { SlabColumns } from './slab-columns.ts'
import { VarintCursor } from './varint-cursor.ts'

/** length, attributes, timestamp delta, offset delta, key length, value length, header count: a byte each at least. */
const RECORD_BYTES_MIN = 7

export interface SlabLimits {
  /** Bytes of one batch after decompression. */
  readonly batchBytesMax: number
  /** A longer value is not put into the slab; its length and digest are. */
  readonly recordBytesMax: number
}

/**
 * Collects the records of batches into slabs; reused from slab to slab, so that only the slab itself is allocated.
 *
 *     record  => length:varint attributes:i8 timestamp_delta:varlong offset_delta:varint
 *                key_length:varint key value_length:varint value header*
 *     headers => count:varint (key_length:varint key value_length:varint value){count}
 */
export class SlabBuilder {
  readonly #place: BatchPlace
  readonly #limits: SlabLimits
  readonly #arena = new ByteArena()
  readonly #columns = new SlabColumns()
  #oversized = new Map<number, OversizedValue>()

  constructor(place: BatchPlace, limits: SlabLimits) {
    this.#place = place
    this.#limits = limits
  }

  get sizeBytes(): number {
    return this.#arena.length
  }

  get count(): number {
    return this.#columns.count
  }

  /** Adds the batch's records with offsets in `[from, to)`. Errors: `source/corrupt` naming topic, partition and base offset. */
  add(batch: RecordBatch, from: number, to: number): void {
    if (batch.recordCount === 0) return
    try {
      const start = this.#arena.length
      appendDecompressed(batch.codec, recordArea(batch), this.#arena, this.#limits.batchBytesMax)
      if (batch.recordCount > (this.#arena.length - start) / RECORD_BYTES_MIN)
        throw new MalformedBatch(`${batch.recordCount} records in ${this.#arena.length - start} bytes`)
      this.#columns.reserve(batch.recordCount)
      this.#parse(batch, start, from, to)
    } catch (error) {
      throw asCorrupt(error, this.#place, batch.baseOffset)
    }
  }

  /** The slab covering `[start, nextOffset)`; the builder is empty after it. */
  take(start: number, nextOffset: number): RecordSlab {
    const oversized = this.#oversized
    this.#oversized = new Map()
    const bytes = this.#arena.take()
    return {
      partition: this.#place.partition,
      start,
      nextOffset,
      bytes,
      sizeBytes: bytes.byteLength,
      ...this.#columns.take(),
      oversized,
    }
  }

  #parse(batch: RecordBatch, start: number, from: number, to: number): void {
    const columns = this.#columns
    const cursor = new VarintCursor(this.#arena.bytes, start, this.#arena.length)
    const base = Number(batch.baseTimestamp)
    const baseTimestampMs = Number.isSafeInteger(base) ? base : NaN
    let previousOffset = batch.baseOffset - 1
    for (let index = 0; index < batch.recordCount; index++) {
      const length = cursor.varint()
      let recordEnd = cursor.at + length
      if (length < 0 || recordEnd > cursor.end) throw new MalformedBatch('a record beyond its batch')
      cursor.at++
      const deltaStart = cursor.at
      const timestampMs = baseTimestampMs + cursor.varlong()
      const offset = batch.baseOffset + cursor.varint()
      if (offset <= previousOffset || offset > batch.lastOffset)
        throw new MalformedBatch(`offset ${offset} after ${previousOffset}`)
      previousOffset = offset
      const keyLength = cursor.varint()
      const keyStart = cursor.at
      if (keyLength > 0) cursor.at += keyLength
      let valueLength = cursor.varint()
      const valueStart = cursor.at
      const wanted = offset >= from && offset < to
      if (valueLength > this.#limits.recordBytesMax && wanted && recordEnd - valueStart >= valueLength) {
        this.#cut(cursor, valueStart, valueLength)
        recordEnd -= valueLength
        valueLength = -1
      }
      if (valueLength > 0) cursor.at += valueLength
      if (keyLength < -1 || valueLength < -1 || cursor.at > recordEnd)
        throw new MalformedBatch('a record shorter than it says')
      const headersStart = cursor.at
      const headers = skipHeaders(cursor)
      if (cursor.at !== recordEnd) throw new MalformedBatch('a record longer than it says')
      if (!wanted) continue
      const row = columns.count++
      columns.offsets[row] = offset
      if (batch.logAppendTime) columns.timestampsMs[row] = batch.maxTimestampMs
      else
        columns.timestampsMs[row] = Number.isNaN(timestampMs) ? wideTimestampMs(batch, cursor, deltaStart) : timestampMs
      columns.keyStarts[row] = keyLength < 0 ? -1 : keyStart
      columns.keyEnds[row] = keyLength < 0 ? -1 : keyStart + keyLength
      columns.valueStarts[row] = valueLength < 0 ? -1 : valueStart
      columns.valueEnds[row] = valueLength < 0 ? -1 : valueStart + valueLength
      columns.headerStarts[row] = headers === 0 ? -1 : headersStart
      columns.headerEnds[row] = headers === 0 ? -1 : recordEnd
    }
    if (cursor.at !== cursor.end) throw new MalformedBatch(`${cursor.end - cursor.at} bytes behind its last record`)
  }

  /** Takes an oversized value out of the arena, leaving its place in the record closed. */
  #cut(cursor: VarintCursor, valueStart: number, lengthBytes: number): void {
    const { bytes } = this.#arena
    const value = bytes.subarray(valueStart, valueStart + lengthBytes)
    const sha256Hex = createHash('sha256').update(value).digest('hex')
    this.#oversized.set(this.#columns.count, { lengthBytes, sha256Hex })
    bytes.copyWithin(valueStart, valueStart + lengthBytes, cursor.end)
    cursor.end -= lengthBytes
    this.#arena.length -= lengthBytes
  }
}

/**
 * Producers may set any 64 bits. One absurd time among good ones makes the base or the deltas of its batch absurd, and sums of doubles would move
 * the good ones by up to a second.
 */
function wideTimestampMs(batch: RecordBatch, cursor: VarintCursor, deltaStart: number): number {
  return Number(BigInt.asIntN(64, batch.baseTimestamp + cursor.wideVarlong(deltaStart)))
}

/** Moves behind the headers and returns how many there are. */
function skipHeaders(cursor: VarintCursor): number {
  const count = cursor.varint()
  if (count < 0) throw new MalformedBatch(`${count} headers`)
  for (let index = 0; index < count; index++) {
    const keyLength = cursor.varint()
    if (keyLength < 0) throw new MalformedBatch(`a header key of ${keyLength} bytes`)
    cursor.at += keyLength
    const valueLength = cursor.varint()
    if (valueLength < -1) throw new MalformedBatch(`a header value of ${valueLength} bytes`)
    cursor.at += Math.max(0, valueLength)
    if (cursor.at > cursor.end) throw new MalformedBatch('a header beyond its record')
  }
  return count
}
