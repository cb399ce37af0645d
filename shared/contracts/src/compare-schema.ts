import { canonicalJson, type DataType, type Json, type StructType } from '@silt/core'
import { eventTableSchema } from './event-table.ts'

/**
 * How one column of a table differs from the event table.
 * `missing`: would have to be added. `type`: holds something else. `not-null`: Silt cannot promise a value for it.
 */
export interface ColumnDifference {
  readonly column: string
  readonly problem: 'missing' | 'type' | 'not-null'
  /** Delta type the event table has; undefined for a column it does not have. */
  readonly expected?: string
  readonly actual?: string
}

/** Every column in which `schema` differs from the event table, in the event table's order, then the table's; further nullable columns are no difference. */
export function compareToEventTable(schema: StructType): readonly ColumnDifference[] {
  const found = new Map(schema.fields.map((each) => [each.name, each]))
  const expectedNames = new Set(eventTableSchema.fields.map((each) => each.name))
  const differences: ColumnDifference[] = []
  for (const expected of eventTableSchema.fields) {
    const actual = found.get(expected.name)
    const types = { expected: typeText(expected.type), ...(actual ? { actual: typeText(actual.type) } : {}) }
    if (actual === undefined) differences.push({ column: expected.name, problem: 'missing', ...types })
    else if (types.actual !== types.expected) differences.push({ column: expected.name, problem: 'type', ...types })
    else if (!actual.nullable) differences.push({ column: expected.name, problem: 'not-null', ...types })
  }
  for (const actual of schema.fields)
    if (!expectedNames.has(actual.name) && !actual.nullable)
      differences.push({ column: actual.name, problem: 'not-null', actual: typeText(actual.type) })
  return differences
}

/** For an error message: `timestamp: missing (timestamp); user_id: is long, not string`. */
export function describeDifferences(differences: readonly ColumnDifference[]): string {
  return differences.map((each) => `${each.column}: ${describe(each)}`).join('; ')
}

function describe(difference: ColumnDifference): string {
  switch (difference.problem) {
    case 'missing':
      return `missing (${difference.expected})`
    case 'type':
      return `is ${difference.actual}, not ${difference.expected}`
    case 'not-null':
      return 'is not nullable'
  }
}

function typeText(type: DataType): string {
  return typeof type === 'string' ? type : canonicalJson(type as unknown as Json)
}
