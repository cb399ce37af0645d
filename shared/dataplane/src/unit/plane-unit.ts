import {
  assert,
  physicalName,
  SiltError,
  type EncodedUnit,
  type EncodeSpec,
  type OffsetRange,
  type RecordSlab,
} from '@silt/core'
import {
  createRowDecoder,
  dateText,
  defaultDecodedBytesMax,
  defaultPartitionsMax,
  recordBytes,
  SlabCounts,
  type RowDecoder,
  type RowDecoderLimits,
} from '@silt/rows'
import { PlaneSlab } from '../batch/plane-slab.ts'
import type { FileMemory } from '../parquet/file-memory.ts'
import type { ParquetSettings } from '../parquet/settings.ts'
import type { SlabHandle } from '../scan/scan-exports.ts'
import { fillSlab, SlabView } from '../scan/slab-view.ts'
import type { GuardedPlane } from './guarded-plane.ts'
import { addedCounts, refusedCount, weightBytes, withArrays } from './slab-records.ts'
import { UnitParts } from './unit-parts.ts'

/** Bytes of records between two looks at the room there is. */
const stepBytesMax = 4 * 1024 * 1024
/** Slabs with more bytes are not copied into the plane: the exact path decodes them where they are. */
const copiedBytesMax = 32 * 1024 * 1024
/** Records that a unit takes in any case before it ends because the plane has grown past its bound: units that are much smaller are not worth their files. */
const boundedBytesMin = 16 * 1024 * 1024

/**
 * The records of one unit on their way into files: scanned in the plane, or, where the scanner refuses them, decoded by the exact path.
 *
 * 1. Every record pushed before the unit was full becomes a row or a dead letter; what columns are added and where the unit becomes full is as if all of them
 *    had been decoded in the order pushed.
 * 2. For that, the unit's days and the refused records not yet decoded are never more than `partitionsMax` together, but for one refused just now: decoding
 *    them cannot make the unit full at a record behind which rows have been scanned.
 */
export class PlaneUnit {
  readonly #plane: GuardedPlane
  readonly #decoder: RowDecoder
  readonly #parts: UnitParts
  /** Of the rows scanned. */
  readonly #counts = new SlabCounts()
  readonly #isPartitioned: boolean
  /** Under which files have the day. */
  readonly #partitionKey: string
  readonly #partitionsMax: number
  readonly #decodedBytesMax: number
  /** Of all rows: days since 1970-01-01, 0 where the table is not partitioned; in the order found. */
  readonly #days = new Set<number>()
  #decodedBytes = 0
  #fullAt: { readonly partition: number; readonly offset: number } | undefined
  /** A slab for copies, and the block with the bytes of the one at hand. */
  #copies: SlabHandle = 0
  #copiedBytes = 0

  constructor(
    plane: GuardedPlane,
    spec: EncodeSpec,
    limits: RowDecoderLimits,
    settings: ParquetSettings,
    memory: FileMemory,
  ) {
    this.#plane = plane
    requireScannable(spec)
    this.#isPartitioned = spec.partitionColumns.length > 0
    this.#partitionKey = partitionKeyOf(spec)
    this.#partitionsMax = limits.partitionsMax ?? defaultPartitionsMax
    this.#decodedBytesMax = limits.decodedBytesMax ?? defaultDecodedBytesMax
    // Bytes are counted here, of all records.
    const exact = { partitionsMax: this.#partitionsMax, decodedBytesMax: Infinity }
    this.#decoder = createRowDecoder(spec, exact, { days: this.#days })
    this.#parts = new UnitParts(plane, spec, this.#decoder.schema, settings, memory)
  }

  push(slab: RecordSlab): 'more' | 'full' {
    if (this.#isFull) return 'full'
    const count = this.#counts.open(slab)
    const handle = this.#place(slab)
    if (handle === undefined) this.#decodeAll(slab)
    else count.rows = this.#scanAll(withArrays(slab), new SlabView(this.#plane.engine, handle))
    this.#releaseCopy()
    this.#parts.settle()
    const end = this.#fullAt
    count.endExclusive = end?.offset ?? slab.nextOffset
    return end === undefined ? 'more' : 'full'
  }

  condemn(slab: RecordSlab, detail: string): void {
    if (!this.#isFull) this.#decoder.condemn(slab, 'crashes-decoder', detail)
  }

  finish(ranges: readonly OffsetRange[]): EncodedUnit {
    const { schema, parts, deadLetters, counts } = this.#decoder.finish(ranges)
    const batches = new Map(parts.map(({ partitionValues, batch }) => [partitionValues[this.#partitionKey], batch]))
    return {
      schema,
      counts: addedCounts(this.#counts.byRange(ranges, this.#fullAt), counts),
      files: [...this.#days].map((day) => {
        const date = this.#isPartitioned ? dateText(day) : undefined
        const partitionValues = date === undefined ? {} : { [this.#partitionKey]: date }
        return this.#parts.finish(day, batches.get(date), partitionValues, schema)
      }),
      deadLetterFiles: deadLetters === undefined ? [] : [this.#parts.fileOf(deadLetters)],
    }
  }

  release(): void {
    this.#parts.release()
    this.#releaseCopy()
    if (this.#copies !== 0) this.#plane.engine.exports.releaseSlab(this.#copies)
  }

  get #isFull(): boolean {
    return this.#fullAt !== undefined
  }

  /** Where the slab stands in the plane; undefined for one that is too large to be brought there. */
  #place(slab: RecordSlab): SlabHandle | undefined {
    const { engine } = this.#plane
    if (slab instanceof PlaneSlab) {
      assert(slab.bytes.buffer === engine.bytes.buffer, "a PlaneSlab is of the encoder's own plane")
      return slab.handle
    }
    if (slab.bytes.byteLength > copiedBytesMax) return undefined
    if (this.#copies === 0) this.#copies = engine.exports.newSlab(slab.count) >>> 0
    this.#copiedBytes = fillSlab(engine, this.#copies, slab)
    return this.#copies
  }

  #releaseCopy(): void {
    if (this.#copiedBytes !== 0) this.#plane.engine.exports.release(this.#copiedBytes)
    this.#copiedBytes = 0
  }

  /** Returns how many rows were scanned. */
  #scanAll(slab: RecordSlab, view: SlabView): number {
    let rows = 0
    let from = 0
    let waitingFrom = 0
    let waiting = 0
    const decodeWaiting = (): void => {
      if (waiting > 0) this.#decode(view.refused(slab.oversized, waitingFrom, from))
      waitingFrom = from
      waiting = 0
    }
    while (from < slab.count && !this.#isFull) {
      const to = this.#stepEnd(slab, from, this.#recordsAtOnce(waiting))
      if (to === from) {
        this.#endAt(slab, from)
        break
      }
      const reached = this.#parts.scan(view.handle, from, to)
      const refused = refusedCount(view.outcomes, from, reached)
      rows += reached - from - refused
      waiting += refused
      from = reached
      if (this.#recordsLeft(waiting) <= 0) decodeWaiting()
      if (reached === to) continue
      this.#decodedBytes -= weightBytes(slab, reached, to)
      if (!this.#addDay()) this.#endAt(slab, reached)
    }
    decodeWaiting()
    return rows
  }

  /** The exact path alone. */
  #decodeAll(slab: RecordSlab): void {
    const to = this.#stepEnd(slab, 0, slab.count, Infinity)
    if (to === slab.count) this.#decode(slab)
    else {
      this.#decode({ ...slab, count: to, nextOffset: slab.offsets[to]! })
      this.#endAt(slab, to)
    }
  }

  /** Decodes records that no row has been scanned behind, unless they cannot make the unit full. */
  #decode(slab: RecordSlab): void {
    this.#decoder.push(slab)
    this.#fullAt ??= this.#decoder.fullAt
    this.#parts.addColumns(this.#decoder.schema, this.#plane.roomBytes - this.#plane.reservedBytes)
  }

  /** Behind the last record, at most `recordsMax` from `from` on, that the unit has room for; takes their bytes. */
  #stepEnd(slab: RecordSlab, from: number, recordsMax: number, bytesMax = stepBytesMax): number {
    const isShort = this.#plane.roomBytes < this.#plane.reservedBytes
    if ((isShort && this.#decodedBytes > 0) || this.#isBeyondBound) return from
    const before = this.#decodedBytes
    const end = Math.min(slab.count, from + recordsMax)
    let to = from
    while (to < end && (to === from || this.#decodedBytes - before < bytesMax)) {
      const bytes = recordBytes(slab, to)
      if (this.#decodedBytes > 0 && this.#decodedBytes + bytes > this.#decodedBytesMax) break
      this.#decodedBytes += bytes
      to++
    }
    return to
  }

  /** How many records may be scanned before those waiting are decoded. */
  #recordsAtOnce(waiting: number): number {
    if (this.#parts.rowsLeft === 0) this.#parts.settle()
    return Math.min(this.#parts.rowsLeft, Math.max(1, this.#recordsLeft(waiting)))
  }

  /** How many more may be refused until all of them together could have one day too many. */
  #recordsLeft(waiting: number): number {
    return this.#isPartitioned ? this.#partitionsMax - this.#days.size - waiting : Infinity
  }

  /** A part for the day of the record at which the scan stopped; false where there is one too many, or no room for it. */
  #addDay(): boolean {
    const day = this.#isPartitioned ? this.#parts.wantedDay : 0
    if (!this.#days.has(day) && this.#days.size >= this.#partitionsMax) return false
    const hasRoom = this.#plane.roomBytes - this.#parts.fileBytes >= this.#plane.reservedBytes
    if ((!hasRoom && this.#parts.count > 0) || this.#isBeyondBound) return false
    this.#days.add(day)
    this.#parts.add(day)
    return true
  }

  #endAt(slab: RecordSlab, index: number): void {
    this.#fullAt ??= { partition: slab.partition, offset: slab.offsets[index]! }
  }

  get #isBeyondBound(): boolean {
    return this.#decodedBytes >= boundedBytesMin && this.#plane.isBeyondBound
  }
}

function partitionKeyOf({ schema, partitionColumns, layout }: EncodeSpec): string {
  const column = schema.fields.find((field) => field.name === partitionColumns[0])
  return column === undefined ? (partitionColumns[0] ?? '') : physicalName(column, layout?.columnMapping)
}

/** The scanner deals rows out by day alone, and evaluates no SQL. */
function requireScannable({ partitionColumns, layout }: EncodeSpec): void {
  if (layout?.rowRules !== undefined)
    throw new SiltError('unsupported', 'dataplane/row-rules', 'the data plane evaluates no rules of rows')
  const columns = partitionColumns.join(', ')
  if (columns === '' || columns === 'event_date') return
  const message = `the table is partitioned by ${columns}; the data plane deals rows out by event_date only`
  throw new SiltError('unsupported', 'dataplane/partition-columns', message)
}
