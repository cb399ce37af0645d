import { isUtf8 } from 'node:buffer'
import type { DeadLetterReason } from '@silt/contracts'
import { assert, sha256Hex, struct } from '@silt/core'
import type { ColumnBatch, EncodeSpec, OffsetRange, RangeCounts, RecordSlab, StructType } from '@silt/core'
import { DeadLetters } from './dead-letters.ts'
import { Instant } from './instant.ts'
import { scanOutcome } from './object-fields.ts'
import type { RowOrigin } from './row-origin.ts'
import { RowWriter } from './row-writer.ts'
import { SlabCounts, type SlabCount } from './slab-counts.ts'

export interface RowDecoderLimits {
  /** Partitions of the table in one unit. */
  readonly partitionsMax?: number
  /** Bytes of records (`recordBytes`) in one unit. */
  readonly decodedBytesMax?: number
}

/** What a decoder shares with others that decode records of the same unit. */
export interface SharedUnit {
  /** Days of rows the unit has: all of them count against `partitionsMax`, and the decoder adds its own. 0 where the table is not partitioned. */
  readonly days: Set<number>
}

export interface DecodedPart {
  readonly partitionValues: Readonly<Record<string, string | null>>
  readonly batch: ColumnBatch
}

export interface DecodedUnit {
  /** The spec's schema with any added columns at the end. */
  readonly schema: StructType
  /** One a partition of the table, none empty, in order of appearance. */
  readonly parts: readonly DecodedPart[]
  readonly deadLetters: ColumnBatch | undefined
  /** In the order of the ranges. Where the unit became full, a range ends early and later ones are empty. */
  readonly counts: readonly RangeCounts[]
}

/** Decodes the records of one unit. Every record becomes a row or a dead letter, none is dropped; bytes decide alone, so a second run gives the same. */
export interface RowDecoder {
  /** Set once the unit can hold no more: the first record it did not take. Slabs pushed after are ignored; `finish` accounts for them. */
  readonly fullAt: { readonly partition: number; readonly offset: number } | undefined
  /** The spec's schema with the columns added so far at the end. */
  readonly schema: StructType
  /** The slab's bytes are written to while it decodes (and restored), not kept. */
  push(slab: RecordSlab): void
  /** Takes a slab as dead letters, undecoded: records known to kill the decoder. */
  condemn(slab: RecordSlab, reason: DeadLetterReason, detail: string | null): void
  /** `ranges` in the order read: where each began and ended for real. Ends the decoder. */
  finish(ranges: readonly OffsetRange[]): DecodedUnit
}

/**
 * A decoder by the rules of the event table (docs: events). The table's columns are kept, event columns it lacks are added.
 * Errors: `rows/column-differs`, `rows/partition-columns` (`unsupported`).
 */
export function createRowDecoder(
  spec: EncodeSpec,
  limits: RowDecoderLimits = {},
  shared: SharedUnit = { days: new Set() },
): RowDecoder {
  return new EventRowDecoder(spec, limits, shared)
}

export const defaultPartitionsMax = 64
export const defaultDecodedBytesMax = 512 * 1024 * 1024

/** What a record weighs against `decodedBytesMax`: its bytes, and 512 for what its row costs in columns without any. */
export function recordBytes(slab: RecordSlab, index: number): number {
  return (
    512 +
    slab.valueEnds[index]! -
    slab.valueStarts[index]! +
    slab.keyEnds[index]! -
    slab.keyStarts[index]! +
    slab.headerEnds[index]! -
    slab.headerStarts[index]!
  )
}

class EventRowDecoder implements RowDecoder {
  fullAt: { readonly partition: number; readonly offset: number } | undefined

  readonly #spec: EncodeSpec
  readonly #decodedBytesMax: number
  readonly #rows: RowWriter
  /** Made by the first of them; most units have none. */
  #deadLetters: DeadLetters | undefined
  readonly #counts = new SlabCounts()
  /** Of the record at hand; one object for all of them. */
  readonly #origin: Mutable<RowOrigin> = {
    partition: 0,
    offset: 0,
    kafkaTimestamp: new Instant(),
    unfitTimestampMs: undefined,
  }
  #decodedBytes = 0
  #isFinished = false

  constructor(spec: EncodeSpec, limits: RowDecoderLimits, { days }: SharedUnit) {
    this.#spec = spec
    this.#decodedBytesMax = limits.decodedBytesMax ?? defaultDecodedBytesMax
    this.#rows = new RowWriter(spec, limits.partitionsMax ?? defaultPartitionsMax, days)
    const isSound = new Instant().readMs(spec.cutAtMs)
    assert(isSound, 'the unit was cut at a time between 1900 and 9999')
  }

  get schema(): StructType {
    return this.#rows.schema
  }

  push(slab: RecordSlab): void {
    const count = this.#open(slab)
    if (count === undefined) return
    const view = new DataView(slab.bytes.buffer, slab.bytes.byteOffset, slab.bytes.byteLength)
    const isAllUtf8 = valuesAreUtf8(slab)
    for (let index = 0; index < slab.count; index++) {
      const weightBytes = recordBytes(slab, index)
      const fits = this.#decodedBytes === 0 || this.#decodedBytes + weightBytes <= this.#decodedBytesMax
      const outcome = fits ? this.#record(slab, view, index, isAllUtf8) : 'full'
      if (outcome === 'full') {
        this.fullAt = { partition: slab.partition, offset: slab.offsets[index]! }
        count.endExclusive = this.fullAt.offset
        return
      }
      this.#decodedBytes += weightBytes
      if (outcome === 'row') count.rows++
      else count.deadLetters++
    }
  }

  condemn(slab: RecordSlab, reason: DeadLetterReason, detail: string | null): void {
    const count = this.#open(slab)
    if (count === undefined) return
    for (let index = 0; index < slab.count; index++) {
      this.#readOrigin(slab, index)
      this.#deadLetter(slab, index, reason, detail)
      count.deadLetters++
    }
  }

  finish(ranges: readonly OffsetRange[]): DecodedUnit {
    assert(!this.#isFinished, 'a decoder finishes once')
    this.#isFinished = true
    const { topic, topicId } = this.#spec
    const rows = this.#rows
    const schema = rows.schema
    const { partitionColumns } = this.#spec
    const dataSchema = struct(schema.fields.filter((field) => !partitionColumns.includes(field.name)))
    const parts = [...rows.parts].map(([day, part]) => ({
      partitionValues: rows.partitionValuesOf(day),
      batch: part.batch(dataSchema, rows.plans, topic, topicId),
    }))
    const failedAt = new Instant()
    failedAt.readMs(this.#spec.failedAtMs)
    const deadLetters = this.#deadLetters?.batch(topic, topicId, failedAt)
    return { schema, parts, deadLetters, counts: this.#counts.byRange(ranges, this.fullAt) }
  }

  /** The slab's count, or undefined once the unit is full. */
  #open(slab: RecordSlab): SlabCount | undefined {
    assert(!this.#isFinished, 'a finished decoder takes no more slabs')
    return this.fullAt === undefined ? this.#counts.open(slab) : undefined
  }

  #record(slab: RecordSlab, view: DataView, index: number, isAllUtf8: boolean): Outcome {
    this.#readOrigin(slab, index)
    const { bytes } = slab
    const oversized = slab.oversized.size === 0 ? undefined : slab.oversized.get(index)
    if (oversized !== undefined)
      return this.#deadLetter(slab, index, 'too-large', tooLarge(oversized.lengthBytes, oversized.sha256Hex))
    const start = slab.valueStarts[index]!
    const end = slab.valueEnds[index]!
    if (start < 0 || start === end) return this.#deadLetter(slab, index, 'empty', start < 0 ? 'null value' : 'no bytes')
    if (end - start > this.#spec.recordBytesMax)
      return this.#deadLetter(slab, index, 'too-large', tooLarge(end - start, sha256Hex(bytes.subarray(start, end))))
    if (!isAllUtf8 && !isUtf8(bytes.subarray(start, end))) return this.#deadLetter(slab, index, 'invalid-utf8', null)
    if (end < bytes.length) return this.#document(slab, index, bytes, view, start, end)
    // The scanner's sentinel needs a byte after the value.
    const copy = new Uint8Array(end - start + 1)
    copy.set(bytes.subarray(start, end))
    return this.#document(slab, index, copy, new DataView(copy.buffer), 0, end - start)
  }

  #document(slab: RecordSlab, index: number, bytes: Uint8Array, view: DataView, start: number, end: number): Outcome {
    const fields = this.#rows.fields
    const outcome = fields.scan(bytes, start, end)
    if (outcome === scanOutcome.notJson) return this.#deadLetter(slab, index, 'not-json', whyNotJson(bytes, start, end))
    if (outcome === scanOutcome.notAnObject) return this.#deadLetter(slab, index, 'not-an-object', null)
    const stranger = fields.extraCount === 0 ? undefined : this.#rows.failingField()
    if (stranger !== undefined)
      return this.#deadLetter(
        slab,
        index,
        'schema',
        `the table has no column ${JSON.stringify(stranger.slice(0, 256))}`,
      )
    const ruled = this.#rows.rules?.apply(fields, bytes, view, start, end, this.#origin)
    if (ruled === undefined) return this.#rows.write(bytes, view, this.#origin) ? 'row' : 'full'
    if ('reason' in ruled) return this.#deadLetter(slab, index, ruled.reason, ruled.detail)
    return this.#rows.write(ruled.bytes, ruled.view, this.#origin) ? 'row' : 'full'
  }

  /** The time of the cut stands in for a record time that is missing, or that the table does not accept. */
  #readOrigin(slab: RecordSlab, index: number): void {
    const origin = this.#origin
    const ms = slab.timestampsMs[index]!
    origin.partition = slab.partition
    origin.offset = slab.offsets[index]!
    origin.unfitTimestampMs = undefined
    if (ms !== -1 && Number.isSafeInteger(ms) && origin.kafkaTimestamp.readMs(ms)) return
    if (ms !== -1) origin.unfitTimestampMs = ms
    origin.kafkaTimestamp.readMs(this.#spec.cutAtMs)
  }

  #deadLetter(slab: RecordSlab, index: number, reason: DeadLetterReason, detail: string | null): 'dead-letter' {
    const { kafkaTimestamp, unfitTimestampMs } = this.#origin
    const details = [detail, unfitTimestampMs === undefined ? null : `record time ${unfitTimestampMs} ms`]
    const kept = details.filter((each) => each !== null).join('; ')
    this.#deadLetters ??= new DeadLetters()
    this.#deadLetters.add(slab, index, kafkaTimestamp, reason, kept === '' ? null : kept)
    return 'dead-letter'
  }
}

type Outcome = 'row' | 'dead-letter' | 'full'
type Mutable<T> = { -readonly [K in keyof T]: T[K] }

/**
 * Whether every value in the slab is UTF-8, by one pass over all its bytes: then a value is, if it starts and ends between characters. False may also mean that
 * something else in the slab (a binary key) is not: the values are then looked at one by one.
 */
function valuesAreUtf8(slab: RecordSlab): boolean {
  const { bytes, valueStarts, valueEnds, count } = slab
  if (!isUtf8(bytes)) return false
  for (let index = 0; index < count; index++) {
    const start = valueStarts[index]!
    const end = valueEnds[index]!
    if (start < 0 || start === end) continue
    if ((bytes[start]! & 0xc0) === 0x80 || (end < bytes.length && (bytes[end]! & 0xc0) === 0x80)) return false
  }
  return true
}

function tooLarge(lengthBytes: number, sha256: string): string {
  return `${lengthBytes} bytes, sha256 ${sha256}`
}

/** Only small documents are parsed a second time for the sake of a reason. */
const explainedBytesMax = 64 * 1024

function whyNotJson(bytes: Uint8Array, start: number, end: number): string | null {
  if (end - start > explainedBytesMax) return null
  // Nobody sees the stack, which costs more than all the rest.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString())
    return null
  } catch (error) {
    return error instanceof Error ? error.message : null
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}
