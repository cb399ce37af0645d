import { columnsInTheWay, describeDifferences, eventTableSchema, stringColumns } from '@silt/contracts'
import {
  assignColumnIds,
  decimalOf,
  SiltError,
  struct,
  type ColumnMapping,
  type StructField,
  type StructType,
} from '@silt/core'
import { BooleanColumn, BytesColumn, DoubleColumn, IntegerColumn, LongColumn } from './column-builders.ts'

/** How a column takes JSON values. */
export const columnForm = {
  /** Scalars as text; objects and arrays do not fit. */
  text: 0,
  /** Scalars as text, objects and arrays as their JSON. */
  textOrJson: 1,
  double: 2,
  float: 3,
  boolean: 4,
  timestamp: 5,
  date: 6,
  /** long, integer, short, byte: within `min .. max`. */
  integer: 7,
  decimal: 8,
} as const

export type AnyColumn = BytesColumn | LongColumn | IntegerColumn | DoubleColumn | BooleanColumn

export interface ColumnPlan {
  readonly field: StructField
  readonly form: number
  /** UTF-8 of what stands in for a missing value. */
  readonly fallback: Uint8Array | undefined
  readonly fallbackView: DataView
  /** `"name":`, as it begins a member of `_rescued`. */
  readonly rescuedKey: Uint8Array
  /** Bounds of an integer column. */
  readonly min: bigint
  readonly max: bigint
  /** Digits after the point of a decimal column, and digits in all. */
  readonly scale: number
  readonly precision: number
}

/**
 * The schema a unit starts from: the table's, and after it those of the event's columns that the table lacks (a table another engine made).
 * Where the table maps columns, those get ids and physical names.
 * `rows/column-differs` (`unsupported`) names every column whose type the event table cannot live with.
 */
export function eventSchemaFor(table: StructType, mapping?: ColumnMapping): StructType {
  let schema = eventSchemas.get(table)
  if (schema === undefined) eventSchemas.set(table, (schema = withEventColumns(table)))
  return assignColumnIds(schema, mapping)
}

/** Units follow each other over the same schema, by table schema. */
const eventSchemas = new WeakMap<StructType, StructType>()

function withEventColumns(table: StructType): StructType {
  const inTheWay = columnsInTheWay(table)
  if (inTheWay.length > 0)
    throw new SiltError(
      'unsupported',
      'rows/column-differs',
      `the table cannot hold events: ${describeDifferences(inTheWay)}. Alter the table or settle into another one.`,
    )
  const names = new Set(table.fields.map((field) => field.name))
  return struct([...table.fields, ...eventTableSchema.fields.filter((field) => !names.has(field.name))])
}

/** How JSON fills the column; undefined if it never does: the column is left out of the files and reads as null. */
export function planColumn(field: StructField): ColumnPlan | undefined {
  if (plans.has(field)) return plans.get(field)
  const plan = newPlan(field)
  plans.set(field, plan)
  return plan
}

const plans = new WeakMap<StructField, ColumnPlan | undefined>()

function newPlan(field: StructField): ColumnPlan | undefined {
  if (field.name.startsWith('_')) return undefined
  const base = stringColumns.find((each) => each.name === field.name)
  const fallback = base === undefined || base.fallback === null ? undefined : new Uint8Array(Buffer.from(base.fallback))
  const plan = (
    form: number,
    numbers: Partial<Pick<ColumnPlan, 'min' | 'max' | 'scale' | 'precision'>> = {},
  ): ColumnPlan => ({
    field,
    form,
    fallback,
    fallbackView: new DataView((fallback ?? new Uint8Array(0)).buffer),
    rescuedKey: new Uint8Array(Buffer.from(`${JSON.stringify(field.name)}:`)),
    min: 0n,
    max: 0n,
    scale: 0,
    precision: 0,
    ...numbers,
  })
  const integer = (bits: number): ColumnPlan =>
    plan(columnForm.integer, { min: -(1n << BigInt(bits)), max: (1n << BigInt(bits)) - 1n })
  switch (field.type) {
    case 'string':
      return plan(base === undefined ? columnForm.textOrJson : columnForm.text)
    case 'double':
      return plan(columnForm.double)
    case 'float':
      return plan(columnForm.float)
    case 'boolean':
      return plan(columnForm.boolean)
    case 'timestamp':
    case 'timestamp_ntz':
      return plan(columnForm.timestamp)
    case 'date':
      return plan(columnForm.date)
    case 'long':
      return integer(63)
    case 'integer':
      return integer(31)
    case 'short':
      return integer(15)
    case 'byte':
      return integer(7)
    default: {
      const decimal = decimalOf(field.type)
      // Longer decimals do not fit the 64 bits a column carries.
      if (decimal === undefined || decimal.precision > 18 || decimal.scale < 0) return undefined
      return plan(columnForm.decimal, decimal)
    }
  }
}

/** An empty column of the plan's type. */
export function newColumn(plan: ColumnPlan): AnyColumn {
  switch (plan.form) {
    case columnForm.text:
    case columnForm.textOrJson:
      return new BytesColumn()
    case columnForm.double:
    case columnForm.float:
      return new DoubleColumn()
    case columnForm.boolean:
      return new BooleanColumn()
    case columnForm.date:
      return new IntegerColumn()
    case columnForm.integer:
      return plan.field.type === 'long' ? new LongColumn() : new IntegerColumn()
    default:
      return new LongColumn()
  }
}
