import { partitionText, physicalName, type ColumnMapping, type StructField } from '@silt/core'
import { dateText } from './calendar.ts'
import { newColumn, type AnyColumn, type ColumnPlan } from './column-plan.ts'
import type { ObjectFields } from './object-fields.ts'
import { jsonKind } from './object-fields.ts'
import type { RescuedJson } from './rescued-json.ts'
import { conversion, type ValueConverter } from './value-converter.ts'

interface PartitionColumn {
  readonly key: string
  readonly field: StructField
  /** Id among the fields JSON fills; undefined for the day of the row and for columns that JSON never fills. */
  readonly id: number | undefined
  readonly plan: ColumnPlan | undefined
  /** Holds the value at hand. */
  readonly scratch: AnyColumn | undefined
}

/**
 * Finds the partition of rows by the values of any columns, for tables that are not partitioned by event_date alone.
 *
 * 1. A value that does not fit its column is rescued, and the row goes to the null partition; so is an empty text, which would read as null.
 * 2. Partitions are numbered as they appear.
 */
export class PartitionRouter {
  readonly #columns: readonly PartitionColumn[]
  readonly #numbers = new Map<string, number>()
  readonly #values: Readonly<Record<string, string | null>>[] = []

  constructor(
    fields: readonly StructField[],
    plans: ReadonlyMap<string, { readonly id: number; readonly plan: ColumnPlan }>,
    mapping: ColumnMapping | undefined,
  ) {
    this.#columns = fields.map((field) => {
      const planned = plans.get(field.name)
      return {
        key: physicalName(field, mapping),
        field,
        id: planned?.id,
        plan: planned?.plan,
        scratch: planned && newColumn(planned.plan),
      }
    })
  }

  /** Takes the row's partition columns out of the fields, so that they are not written into its file. `days`: of its `timestamp`. */
  partitionOf(
    fields: ObjectFields,
    bytes: Uint8Array,
    view: DataView,
    days: number,
    converter: ValueConverter,
    rescued: RescuedJson,
  ): number {
    const texts = this.#columns.map((column) => {
      if (column.id === undefined) return column.field.name === 'event_date' ? dateText(days) : null
      return this.#text(column, column.id, fields, bytes, view, converter, rescued)
    })
    const name = JSON.stringify(texts)
    let number = this.#numbers.get(name)
    if (number === undefined) {
      number = this.#values.length
      this.#numbers.set(name, number)
      this.#values.push(Object.fromEntries(this.#columns.map(({ key }, index) => [key, texts[index] ?? null])))
    }
    return number
  }

  valuesOf(partition: number): Readonly<Record<string, string | null>> {
    return this.#values[partition] ?? {}
  }

  #text(
    { field, plan, scratch }: PartitionColumn,
    id: number,
    fields: ObjectFields,
    bytes: Uint8Array,
    view: DataView,
    converter: ValueConverter,
    rescued: RescuedJson,
  ): string | null {
    const kind = fields.kinds[id]!
    fields.kinds[id] = jsonKind.absent
    if (plan === undefined || scratch === undefined) return null
    const fallback = plan.fallback === undefined ? null : Buffer.from(plan.fallback).toString()
    if (kind <= jsonKind.null) return fallback
    const [start, end] = [fields.starts[id]!, fields.ends[id]!]
    scratch.clear()
    const result = converter.convert(plan, scratch, 0, bytes, view, kind, start, end)
    const text = result === conversion.rescue ? null : partitionText(field.type, scratch.valueAt(0))
    if (result !== conversion.fits || text === null) rescued.addColumn(plan.rescuedKey, bytes, start, end)
    return text ?? fallback
  }
}
