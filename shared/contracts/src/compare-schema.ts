import { canonicalJson, type DataType, type Json, type StructField, type StructType } from '@silt/core'
import { eventDateField, eventTableSchema, provenanceColumns, stringColumns } from './event-table.ts'

/**
 * How one column of a table differs from the event table.
 * `missing`: would have to be added. `spelling`: the same but for case, which engines take for one column. `type`: holds something else.
 * `not-null`: Silt cannot promise a value for it.
 */
export interface ColumnDifference {
  readonly column: string
  readonly problem: 'missing' | 'spelling' | 'type' | 'not-null'
  /** What the event table has: a Delta type, with `spelling` a name; undefined for a column it does not have. */
  readonly expected?: string
  readonly actual?: string
}

/** Every column in which `schema` differs from the event table, in the event table's order, then the table's; further nullable columns are no difference. */
export function compareToEventTable(schema: StructType): readonly ColumnDifference[] {
  const found = new Map(schema.fields.map((each) => [each.name.toLowerCase(), each]))
  const differences = eventTableSchema.fields.flatMap(
    (expected) => differenceOf(expected, found.get(expected.name.toLowerCase())) ?? [],
  )
  const expectedNames = new Set(eventTableSchema.fields.map((each) => each.name.toLowerCase()))
  for (const actual of schema.fields)
    if (!expectedNames.has(actual.name.toLowerCase()) && mustBePromised(actual))
      differences.push({ column: actual.name, problem: 'not-null', actual: typeText(actual.type) })
  return differences
}

/** Those that keep a table from taking events: a missing column can be added. */
export function columnsInTheWay(schema: StructType): readonly ColumnDifference[] {
  return compareToEventTable(schema).filter(({ problem }) => problem !== 'missing')
}

function differenceOf(expected: StructField, actual: StructField | undefined): ColumnDifference | undefined {
  const column = expected.name
  const type = typeText(expected.type)
  if (actual === undefined) return { column, problem: 'missing', expected: type }
  if (actual.name !== column) return { column: actual.name, problem: 'spelling', expected: column, actual: actual.name }
  const types = { expected: type, actual: typeText(actual.type) }
  if (types.actual !== types.expected) return { column, problem: 'type', ...types }
  return mustBePromised(actual) ? { column, problem: 'not-null', ...types } : undefined
}

const neverNull: ReadonlySet<string> = new Set([
  ...provenanceColumns.filter((name) => name !== '_topic_id'),
  ...stringColumns.filter((each) => each.fallback !== null).map((each) => each.name),
  'timestamp',
  eventDateField.name,
])

function mustBePromised({ name, nullable }: StructField): boolean {
  return !nullable && !neverNull.has(name)
}

/** For an error message: `timestamp: missing (timestamp); user_id: is long, not string`. */
export function describeDifferences(differences: readonly ColumnDifference[]): string {
  return differences.map((each) => `${each.column}: ${describe(each)}`).join('; ')
}

function describe(difference: ColumnDifference): string {
  switch (difference.problem) {
    case 'missing':
      return `missing (${difference.expected})`
    case 'spelling':
      return `must be spelled ${difference.expected}`
    case 'type':
      return `is ${difference.actual}, not ${difference.expected}`
    case 'not-null':
      return 'is not nullable'
  }
}

function typeText(type: DataType): string {
  return typeof type === 'string' ? type : canonicalJson(type as unknown as Json)
}
