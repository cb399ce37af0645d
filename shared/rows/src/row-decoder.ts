import { isUtf8 } from 'node:buffer'
import type { DeadLetterReason } from '@silt/contracts'
import { SiltError, assert, sha256Hex } from '@silt/core'
import type { ColumnBatch, EncodeSpec, OffsetRange, RangeCounts, RecordSlab, StructType } from '@silt/core'
import { BytesColumn, LongColumn } from './column-builders.ts'
import { dateText } from './calendar.ts'
import { columnForm, eventSchemaFor, planColumn, type ColumnPlan } from './column-plan.ts'
import { DeadLetters } from './dead-letters.ts'
import { Instant } from './instant.ts'
import { ObjectFields, jsonKind, scanOutcome } from './object-fields.ts'
import { RescuedJson } from './rescued-json.ts'
import { RowPart } from './row-part.ts'
import { SchemaGrowth } from './schema-growth.ts'
import { SlabCounts } from './slab-counts.ts'
import { ValueConverter, conversion } from './value-converter.ts'

export interface RowDecoderLimits {
  /** Partitions of the table in one unit. */
  readonly partitionsMax?: number
  /** Bytes of values, and 512 a record for what the columns cost, in one unit. */
  readonly decodedBytesMax?: number
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
export function createRowDecoder(spec: EncodeSpec, limits: RowDecoderLimits = {}): RowDecoder {
  return new EventRowDecoder(spec, limits)
}

class EventRowDecoder implements RowDecoder {
  fullAt: { readonly partition: number; readonly offset: number } | undefined

  readonly #spec: EncodeSpec
  readonly #partitionsMax: number
  readonly #decodedBytesMax: number
  readonly #growth: SchemaGrowth
  readonly #isPartitioned: boolean
  readonly #plans: ColumnPlan[] = []
  readonly #fields = new ObjectFields()
  readonly #timestampId: number
  readonly #converter = new ValueConverter()
  readonly #rescued = new RescuedJson()
  readonly #deadLetters = new DeadLetters()
  readonly #counts = new SlabCounts()
  /** By day since the epoch; an unpartitioned table's rows are all in day 0's. */
  readonly #parts = new Map<number, RowPart>()
  readonly #cutAt = new Instant()
  readonly #kafkaTimestamp = new Instant()
  #decodedBytes = 0
  #isFinished = false

  constructor(spec: EncodeSpec, limits: RowDecoderLimits) {
    const partitionColumns = spec.partitionColumns.join(', ')
    if (partitionColumns !== '' && partitionColumns !== 'event_date')
      throw new SiltError(
        'unsupported',
        'rows/partition-columns',
        `the table is partitioned by ${partitionColumns}; events can be partitioned by event_date only`,
      )
    this.#spec = spec
    this.#partitionsMax = limits.partitionsMax ?? 64
    this.#decodedBytesMax = limits.decodedBytesMax ?? 1024 * 1024 * 1024
    this.#isPartitioned = partitionColumns !== ''
    const schema = eventSchemaFor(spec.schema)
    this.#growth = new SchemaGrowth(schema, spec.evolution, spec.columnsMax)
    for (const field of schema.fields) {
      const plan = spec.partitionColumns.includes(field.name) ? undefined : planColumn(field)
      if (plan !== undefined) this.#plans[this.#fields.addColumn(field.name)] = plan
    }
    this.#timestampId = this.#plans.findIndex((plan) => plan.field.name === 'timestamp')
    const isSound = this.#cutAt.readMs(spec.cutAtMs)
    assert(isSound, 'the unit was cut at a time between 1900 and 9999')
  }

  push(slab: RecordSlab): void {
    assert(!this.#isFinished, 'a finished decoder takes no more slabs')
    if (this.fullAt !== undefined) return
    const count = this.#counts.open(slab)
    const view = new DataView(slab.bytes.buffer, slab.bytes.byteOffset, slab.bytes.byteLength)
    const isAllUtf8 = valuesAreUtf8(slab)
    for (let index = 0; index < slab.count; index++) {
      const valueBytes = Math.max(0, slab.valueEnds[index]! - slab.valueStarts[index]!)
      const weight = valueBytes + 512
      const fits = this.#decodedBytes === 0 || this.#decodedBytes + weight <= this.#decodedBytesMax
      const outcome = fits ? this.#record(slab, view, index, isAllUtf8) : 'full'
      if (outcome === 'full') {
        const offset = slab.offsets[index]!
        this.fullAt = { partition: slab.partition, offset }
        count.endExclusive = offset
        return
      }
      this.#decodedBytes += weight
      if (outcome === 'row') count.rows++
      else count.deadLetters++
    }
  }

  condemn(slab: RecordSlab, reason: DeadLetterReason, detail: string | null): void {
    assert(!this.#isFinished, 'a finished decoder takes no more slabs')
    if (this.fullAt !== undefined) return
    const count = this.#counts.open(slab)
    for (let index = 0; index < slab.count; index++) {
      this.#readKafkaTimestamp(slab.timestampsMs[index]!)
      this.#deadLetter(slab, index, reason, detail)
      count.deadLetters++
    }
  }

  finish(ranges: readonly OffsetRange[]): DecodedUnit {
    assert(!this.#isFinished, 'a decoder finishes once')
    this.#isFinished = true
    const { topic, topicId } = this.#spec
    const schema = this.#growth.schema
    const parts = [...this.#parts].map(([day, part]) => ({
      partitionValues: this.#isPartitioned ? { event_date: dateText(day) } : {},
      batch: part.batch(schema, this.#plans, topic, topicId),
    }))
    const failedAt = new Instant()
    failedAt.readMs(this.#spec.failedAtMs)
    const deadLetters = this.#deadLetters.batch(topic, topicId, failedAt)
    return { schema, parts, deadLetters, counts: this.#counts.byRange(ranges, this.fullAt) }
  }

  #record(slab: RecordSlab, view: DataView, index: number, isAllUtf8: boolean): 'row' | 'dead-letter' | 'full' {
    const timestampIsKept = this.#readKafkaTimestamp(slab.timestampsMs[index]!)
    const oversized = slab.oversized.size === 0 ? undefined : slab.oversized.get(index)
    if (oversized !== undefined)
      return this.#deadLetter(slab, index, 'too-large', tooLarge(oversized.lengthBytes, oversized.sha256Hex))
    const start = slab.valueStarts[index]!
    const end = slab.valueEnds[index]!
    if (start < 0 || start === end) return this.#deadLetter(slab, index, 'empty', start < 0 ? 'null value' : 'no bytes')
    if (end - start > this.#spec.recordBytesMax)
      return this.#deadLetter(
        slab,
        index,
        'too-large',
        tooLarge(end - start, sha256Hex(slab.bytes.subarray(start, end))),
      )
    if (!isAllUtf8 && !isUtf8(slab.bytes.subarray(start, end)))
      return this.#deadLetter(slab, index, 'invalid-utf8', null)

    const offset = slab.offsets[index]!
    if (end < slab.bytes.length)
      return this.#document(slab, index, slab.bytes, view, start, end, timestampIsKept, offset)
    // The scanner's sentinel needs a byte after the value.
    const copy = new Uint8Array(end - start + 8)
    copy.set(slab.bytes.subarray(start, end))
    return this.#document(slab, index, copy, new DataView(copy.buffer), 0, end - start, timestampIsKept, offset)
  }

  #document(
    slab: RecordSlab,
    index: number,
    bytes: Uint8Array,
    view: DataView,
    start: number,
    end: number,
    timestampIsKept: boolean,
    offset: number,
  ): 'row' | 'dead-letter' | 'full' {
    const fields = this.#fields
    const outcome = fields.scan(bytes, start, end)
    if (outcome === scanOutcome.notJson) return this.#deadLetter(slab, index, 'not-json', whyNotJson(bytes, start, end))
    if (outcome === scanOutcome.notAnObject) return this.#deadLetter(slab, index, 'not-an-object', null)
    const stranger = fields.extraCount === 0 ? undefined : this.#failingField()
    if (stranger !== undefined)
      return this.#deadLetter(
        slab,
        index,
        'schema',
        `the table has no column ${JSON.stringify(stranger.slice(0, 256))}`,
      )

    // Nothing before this line changes the unit; after it the record is a row.
    const instant = this.#converter.instant
    const timestampKind = fields.kinds[this.#timestampId]!
    const hasTimestamp =
      timestampKind > jsonKind.null &&
      this.#converter.readInstant(
        bytes,
        timestampKind,
        fields.starts[this.#timestampId]!,
        fields.ends[this.#timestampId]!,
      )
    const { seconds, micros, days } = hasTimestamp ? instant : this.#kafkaTimestamp
    const part = this.#partFor(this.#isPartitioned ? days : 0)
    if (part === undefined) return 'full'

    const rescued = this.#rescued
    rescued.clear()
    const row = part.rowCount
    if (fields.extraCount > 0) this.#placeExtras(bytes)
    const plans = this.#plans
    for (let id = 0; id < plans.length; id++) {
      const kind = fields.kinds[id]!
      const plan = plans[id]!
      if (kind <= jsonKind.null) {
        if (plan.fallback !== undefined)
          (part.column(id, plan) as BytesColumn).append(row, plan.fallback, plan.fallbackView, 0, plan.fallback.length)
        continue
      }
      const column = part.columns[id] ?? part.column(id, plan)
      if (kind === jsonKind.string && plan.form <= columnForm.textOrJson) {
        ;(column as BytesColumn).append(row, bytes, view, fields.starts[id]! + 1, fields.ends[id]! - 1)
        continue
      }
      if (id === this.#timestampId && hasTimestamp) continue
      const from = fields.starts[id]!
      const to = fields.ends[id]!
      const result =
        id === this.#timestampId
          ? conversion.rescue
          : this.#converter.convert(plan, column, row, bytes, view, kind, from, to)
      if (result === conversion.fits) continue
      rescued.addColumn(plan.rescuedKey, bytes, from, to)
      if (result === conversion.rescue && plan.fallback !== undefined)
        (column as BytesColumn).append(row, plan.fallback, plan.fallbackView, 0, plan.fallback.length)
    }
    ;(part.column(this.#timestampId, plans[this.#timestampId]!) as LongColumn).appendMicros(row, seconds, micros)
    if (fields.extraCount > 0) this.#rescueExtras(bytes)
    if (!timestampIsKept) this.#rescueKafkaTimestamp(slab.timestampsMs[index]!)
    part.partitions.append(row, slab.partition)
    part.offsets.appendSafeInteger(row, offset)
    part.kafkaTimestamps.appendMicros(row, this.#kafkaTimestamp.seconds, this.#kafkaTimestamp.micros)
    if (!rescued.isEmpty) rescued.appendTo(part.rescued, row)
    part.rowCount = row + 1
    return 'row'
  }

  /** The first field that mode `fail` does not let in. A null is no value: there is nothing to keep, add or fail for. */
  #failingField(): string | undefined {
    if (this.#spec.evolution !== 'fail') return undefined
    const fields = this.#fields
    for (let extra = 0; extra < fields.extraCount; extra++) {
      const name = fields.extraNames[extra]!
      if (fields.extraKinds[extra] !== jsonKind.null && this.#growth.fateOf(name) === 'fail') return name
    }
    return undefined
  }

  /** Makes columns of the fields that may become some, and hands their values over to them. */
  #placeExtras(_bytes: Uint8Array): void {
    const fields = this.#fields
    for (let extra = 0; extra < fields.extraCount; extra++) {
      const kind = fields.extraKinds[extra]!
      if (kind === jsonKind.null || this.#growth.fateOf(fields.extraNames[extra]!) !== 'add') continue
      const added = this.#growth.add(fields.extraNames[extra]!, kind)
      const plan = planColumn(added)
      assert(plan !== undefined, 'an added column takes JSON')
      const id = fields.addColumn(added.name)
      this.#plans[id] = plan
      fields.kinds[id] = kind
      fields.starts[id] = fields.extraStarts[extra]!
      fields.ends[id] = fields.extraEnds[extra]!
      fields.extraKinds[extra] = jsonKind.absent
    }
  }

  #rescueExtras(bytes: Uint8Array): void {
    const fields = this.#fields
    for (let extra = 0; extra < fields.extraCount; extra++) {
      if (fields.extraKinds[extra]! <= jsonKind.null) continue
      const [keyStart, keyEnd] = [fields.extraKeyStarts[extra]!, fields.extraKeyEnds[extra]!]
      this.#rescued.addField(bytes, keyStart, keyEnd, fields.extraStarts[extra]!, fields.extraEnds[extra]!)
    }
  }

  /** A record time beyond the calendar the table accepts is kept as its number, unless the record has a field of that name. */
  #rescueKafkaTimestamp(ms: number): void {
    const fields = this.#fields
    for (let extra = 0; extra < fields.extraCount; extra++) if (fields.extraNames[extra] === '_kafka_timestamp') return
    const text = new Uint8Array(Buffer.from(String(ms)))
    this.#rescued.addColumn(kafkaTimestampKey, text, 0, text.length)
  }

  #partFor(day: number): RowPart | undefined {
    let part = this.#parts.get(day)
    if (part === undefined && this.#parts.size < this.#partitionsMax) {
      part = new RowPart()
      this.#parts.set(day, part)
    }
    return part
  }

  /** The record's time, or the time of the cut if it has none that the table accepts; false in the latter case. */
  #readKafkaTimestamp(ms: number): boolean {
    const isKept = ms === -1 || (Number.isSafeInteger(ms) && this.#kafkaTimestamp.readMs(ms))
    if (ms === -1 || !isKept) this.#kafkaTimestamp.readMs(this.#spec.cutAtMs)
    return isKept
  }

  #deadLetter(slab: RecordSlab, index: number, reason: DeadLetterReason, detail: string | null): 'dead-letter' {
    this.#deadLetters.add(slab, index, this.#kafkaTimestamp, reason, detail)
    return 'dead-letter'
  }
}

const kafkaTimestampKey = new Uint8Array(Buffer.from('"_kafka_timestamp":'))

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
  try {
    JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString())
    return null
  } catch (error) {
    return error instanceof Error ? error.message : null
  }
}
