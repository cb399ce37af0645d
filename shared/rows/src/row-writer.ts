import { partitionColumnsInTheWay } from '@silt/contracts'
import { assert, physicalName, SiltError } from '@silt/core'
import type { EncodeSpec, StructType } from '@silt/core'
import type { BytesColumn, LongColumn } from './column-builders.ts'
import { columnForm, eventSchemaFor, planColumn, type AnyColumn, type ColumnPlan } from './column-plan.ts'
import { dateText } from './calendar.ts'
import { ObjectFields, jsonKind } from './object-fields.ts'
import { PartitionRouter } from './partition-router.ts'
import { RescuedJson } from './rescued-json.ts'
import type { RowOrigin } from './row-origin.ts'
import { RowPart } from './row-part.ts'
import { RowRuleBook } from './row-rules.ts'
import { SchemaGrowth } from './schema-growth.ts'
import { ValueConverter, conversion } from './value-converter.ts'

/**
 * Turns scanned documents into rows of their partition of the table: defaults, conversions, rescue, added columns.
 *
 * 1. A document that is not written (`failingField`, `full`) leaves nothing behind: no row, no part, no column.
 * 2. Every value that is not null ends in its column, in `_rescued`, or in both.
 */
export class RowWriter {
  readonly fields = new ObjectFields()
  /** By day since the epoch, or by the router's number of their partition; an unpartitioned table's rows are all in part 0. */
  readonly parts = new Map<number, RowPart>()
  readonly plans: ColumnPlan[] = []
  /** What the table demands of its rows, if anything. */
  readonly rules: RowRuleBook | undefined
  readonly #isByDay: boolean
  readonly #dayKey: string
  readonly #router: PartitionRouter | undefined
  readonly #partitionsMax: number
  /** Days of all rows of the unit, of which others may write some. */
  readonly #days: Set<number>
  readonly #mayFail: boolean
  readonly #growth: SchemaGrowth
  readonly #timestampId: number
  readonly #converter = new ValueConverter()
  readonly #rescued = new RescuedJson()

  constructor(spec: EncodeSpec, partitionsMax: number, days: Set<number>) {
    const { partitionColumns } = spec
    requireRoutable(spec)
    this.#isByDay = partitionColumns.length === 1 && partitionColumns[0] === 'event_date'
    this.#partitionsMax = partitionsMax
    this.#days = days
    this.#mayFail = spec.evolution === 'fail'
    const mapping = spec.layout?.columnMapping
    const schema = eventSchemaFor(spec.schema, mapping)
    this.#growth = new SchemaGrowth(schema, spec.evolution, spec.columnsMax, mapping)
    const dayField = schema.fields.find((field) => field.name === 'event_date')
    this.#dayKey = dayField === undefined ? 'event_date' : physicalName(dayField, mapping)
    const routed = new Map<string, { readonly id: number; readonly plan: ColumnPlan }>()
    for (const field of schema.fields) {
      const isPartitionColumn = partitionColumns.includes(field.name)
      // The day of a row is that of its timestamp, whatever else a record says.
      const plan = isPartitionColumn && field.name === 'event_date' ? undefined : planColumn(field)
      if (plan === undefined) continue
      const id = this.fields.addColumn(field.name)
      if (isPartitionColumn) routed.set(field.name, { id, plan })
      this.plans[id] = isPartitionColumn ? { ...plan, fallback: undefined } : plan
    }
    if (partitionColumns.length > 0 && !this.#isByDay) {
      const fields = partitionColumns.flatMap((name) => schema.fields.filter((field) => field.name === name))
      this.#router = new PartitionRouter(fields, routed, mapping)
    }
    const rules = spec.layout?.rowRules
    this.rules =
      rules && new RowRuleBook(spec, rules, new Map(this.plans.map((plan, id) => [plan.field.name, { id, plan }])))
    this.#timestampId = this.plans.findIndex((plan) => plan.field.name === 'timestamp')
  }

  /** Of the rows of a part, by physical names. */
  partitionValuesOf(part: number): Readonly<Record<string, string | null>> {
    if (this.#router !== undefined) return this.#router.valuesOf(part)
    return this.#isByDay ? { [this.#dayKey]: dateText(part) } : {}
  }

  get schema(): StructType {
    return this.#growth.schema
  }

  /** The first field that mode `fail` does not let in. A null is no value: there is nothing to keep, add or fail for. */
  failingField(): string | undefined {
    if (!this.#mayFail) return undefined
    const fields = this.fields
    for (let extra = 0; extra < fields.extraCount; extra++) {
      const name = fields.extraNames[extra]!
      if (fields.extraKinds[extra] !== jsonKind.null && this.#growth.fateOf(name) === 'fail') return name
    }
    return undefined
  }

  /** Writes the document last scanned from `bytes`; false if that takes one partition too many. */
  write(bytes: Uint8Array, view: DataView, origin: RowOrigin): boolean {
    const fields = this.fields
    const id = this.#timestampId
    const kind = fields.kinds[id]!
    const hasTimestamp =
      kind > jsonKind.null && this.#converter.readInstant(bytes, kind, fields.starts[id]!, fields.ends[id]!)
    const timestamp = hasTimestamp ? this.#converter.instant : origin.kafkaTimestamp
    const rescued = this.#rescued
    rescued.clear()
    // The converter's own instant may be read anew for a partition column.
    const { seconds, micros, days } = timestamp
    const part = this.#partFor(this.#isByDay ? days : this.#routed(bytes, view, days))
    if (part === undefined) return false

    const row = part.rowCount
    const timestamps = part.columns[id] ?? part.column(id, this.plans[id]!)
    ;(timestamps as LongColumn).appendMicros(row, seconds, micros)
    if (kind > jsonKind.null && !hasTimestamp)
      rescued.addColumn(this.plans[id]!.rescuedKey, bytes, fields.starts[id]!, fields.ends[id]!)
    if (fields.extraCount > 0) this.#addColumns()
    this.#fill(part, row, bytes, view)
    if (fields.extraCount > 0) this.#rescueExtras(bytes)
    if (origin.unfitTimestampMs !== undefined) this.#rescueKafkaTimestamp(origin.unfitTimestampMs)
    part.partitions.append(row, origin.partition)
    part.offsets.appendSafeInteger(row, origin.offset)
    part.kafkaTimestamps.appendMicros(row, origin.kafkaTimestamp.seconds, origin.kafkaTimestamp.micros)
    if (!rescued.isEmpty) rescued.appendTo(part.rescued, row)
    part.rowCount = row + 1
    return true
  }

  #routed(bytes: Uint8Array, view: DataView, days: number): number {
    return this.#router?.partitionOf(this.fields, bytes, view, days, this.#converter, this.#rescued) ?? 0
  }

  /** Every column but `timestamp`. Absent ones are passed over: a column is null where nothing was appended. */
  #fill(part: RowPart, row: number, bytes: Uint8Array, view: DataView): void {
    const { kinds, starts, ends } = this.fields
    const plans = this.plans
    for (let id = 0; id < plans.length; id++) {
      const plan = plans[id]!
      const kind = kinds[id]!
      if (id === this.#timestampId || (kind <= jsonKind.null && plan.fallback === undefined)) continue
      const column = part.columns[id] ?? part.column(id, plan)
      if (kind === jsonKind.string && plan.form <= columnForm.textOrJson) {
        ;(column as BytesColumn).append(row, bytes, view, starts[id]! + 1, ends[id]! - 1)
        continue
      }
      if (kind <= jsonKind.null) {
        appendFallback(column, plan, row)
        continue
      }
      const result = this.#converter.convert(plan, column, row, bytes, view, kind, starts[id]!, ends[id]!)
      if (result === conversion.fits) continue
      this.#rescued.addColumn(plan.rescuedKey, bytes, starts[id]!, ends[id]!)
      if (result === conversion.rescue) appendFallback(column, plan, row)
    }
  }

  /** Makes columns of the fields that may become some, and hands their values over to them. */
  #addColumns(): void {
    const fields = this.fields
    for (let extra = 0; extra < fields.extraCount; extra++) {
      const kind = fields.extraKinds[extra]!
      if (kind === jsonKind.null || this.#growth.fateOf(fields.extraNames[extra]!) !== 'add') continue
      const added = this.#growth.add(fields.extraNames[extra]!, kind)
      const plan = planColumn(added)
      assert(plan !== undefined, 'an added column takes JSON')
      const id = fields.addColumn(added.name)
      this.plans[id] = plan
      fields.kinds[id] = kind
      fields.starts[id] = fields.extraStarts[extra]!
      fields.ends[id] = fields.extraEnds[extra]!
      fields.extraKinds[extra] = jsonKind.absent
    }
  }

  #rescueExtras(bytes: Uint8Array): void {
    const fields = this.fields
    for (let extra = 0; extra < fields.extraCount; extra++) {
      if (fields.extraKinds[extra]! <= jsonKind.null) continue
      const [keyStart, keyEnd] = [fields.extraKeyStarts[extra]!, fields.extraKeyEnds[extra]!]
      this.#rescued.addField(bytes, keyStart, keyEnd, fields.extraStarts[extra]!, fields.extraEnds[extra]!)
    }
  }

  /** A record time beyond the calendar the table accepts is kept as its number, unless the record has a field of that name. */
  #rescueKafkaTimestamp(ms: number): void {
    const fields = this.fields
    for (let extra = 0; extra < fields.extraCount; extra++)
      if (fields.extraNames[extra] === '_kafka_timestamp' && fields.extraKinds[extra] !== jsonKind.null) return
    const text = new Uint8Array(Buffer.from(String(ms)))
    this.#rescued.addColumn(kafkaTimestampKey, text, 0, text.length)
  }

  #partFor(day: number): RowPart | undefined {
    const known = this.parts.get(day)
    if (known !== undefined) return known
    if (!this.#days.has(day) && this.#days.size >= this.#partitionsMax) return undefined
    const part = new RowPart()
    this.#days.add(day)
    this.parts.set(day, part)
    return part
  }
}

const kafkaTimestampKey = new Uint8Array(Buffer.from('"_kafka_timestamp":'))

function appendFallback(column: AnyColumn, plan: ColumnPlan, row: number): void {
  if (plan.fallback === undefined) return
  ;(column as BytesColumn).append(row, plan.fallback, plan.fallbackView, 0, plan.fallback.length)
}

function requireRoutable({ schema, partitionColumns }: EncodeSpec): void {
  const [name] = partitionColumnsInTheWay(schema, partitionColumns)
  if (name === undefined) return
  const why = 'which every event has in its row; events cannot be dealt out by it'
  throw new SiltError('unsupported', 'rows/partition-columns', `the table is partitioned by ${name}, ${why}`)
}
