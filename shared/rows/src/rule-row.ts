import { partitionText, type DataType, type PartitionValue, type StructField } from '@silt/core'
import type { SqlValue } from '@silt/expressions'
import { dayMax, dayMin } from './calendar.ts'
import { newColumn, type AnyColumn, type ColumnPlan } from './column-plan.ts'
import type { ObjectFields } from './object-fields.ts'
import { jsonKind } from './object-fields.ts'
import { conversion, type ValueConverter } from './value-converter.ts'

/** One column as rules see it: the value that will stand in the table, be it converted, rounded or stood in for. */
export class RuleColumn {
  readonly field: StructField
  readonly #id: number
  readonly #plan: ColumnPlan
  readonly #isPartitionColumn: boolean
  readonly #fallback: string | null
  readonly #scratch: AnyColumn

  constructor(id: number, plan: ColumnPlan, isPartitionColumn: boolean) {
    this.field = plan.field
    this.#id = id
    this.#plan = plan
    this.#isPartitionColumn = isPartitionColumn
    this.#fallback = plan.fallback === undefined ? null : Buffer.from(plan.fallback).toString()
    this.#scratch = newColumn(plan)
  }

  /** The record names it, be it as null. */
  isGiven(fields: ObjectFields): boolean {
    return fields.kinds[this.#id] !== jsonKind.absent
  }

  read(fields: ObjectFields, bytes: Uint8Array, view: DataView, converter: ValueConverter): SqlValue {
    const kind = fields.kinds[this.#id]!
    if (kind <= jsonKind.null) return this.#fallback
    const scratch = this.#scratch
    scratch.clear()
    const [start, end] = [fields.starts[this.#id]!, fields.ends[this.#id]!]
    const result = converter.convert(this.#plan, scratch, 0, bytes, view, kind, start, end)
    if (result === conversion.rescue) return this.#fallback
    const value = scratch.valueAt(0)
    // An empty text names the partition of those that have none.
    return value === '' && this.#isPartitionColumn ? null : value
  }
}

/** A value of a column as the JSON it is read from; undefined for one that no JSON is read as: NaN, infinities, times beyond those of events. */
export function jsonOf(type: DataType, value: SqlValue): string | undefined {
  if (value === null) return 'null'
  switch (type) {
    case 'string':
      return JSON.stringify(value)
    case 'date':
      return (value as number) < dayMin || (value as number) > dayMax ? undefined : quoted(type, value as number)
    case 'timestamp':
    case 'timestamp_ntz': {
      const days = Math.floor(Number(value) / microsPerDay)
      return days < dayMin || days > dayMax ? undefined : quoted(type, value as bigint)
    }
    case 'float':
    case 'double':
      if (!Number.isFinite(value)) return undefined
      return Object.is(value, -0) ? '-0' : String(value)
    default:
      return partitionText(type, value as PartitionValue) ?? undefined
  }
}

const microsPerDay = 86_400_000_000

function quoted(type: DataType, value: PartitionValue): string {
  return JSON.stringify(partitionText(type, value))
}
