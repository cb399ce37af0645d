import { physicalName, type ColumnMapping } from './column-mapping.ts'
import type { DataType, StructType } from './schema.ts'

/** Which columns of a file have statistics (`delta.dataSkippingNumIndexedCols`, `delta.dataSkippingStatsColumns`, Delta PROTOCOL § Clustered Table). */
export interface StatisticsRule {
  /** The first so many leaf columns, in the schema's order without partition columns; -1 for all of them. */
  readonly firstColumns: number
  /** Instead of the first: these, by paths of names as the schema spells them; of a struct all its leaves. */
  readonly columns?: readonly (readonly string[])[]
  /** These in any case, by physical paths: clustering columns. Where a file lacks one, its statistics say that it is null. */
  readonly always?: readonly (readonly string[])[]
}

/** Leaf columns with statistics, by physical path. */
export interface StatisticsColumns {
  has(path: readonly string[]): boolean
  /** Physical paths that must be in the statistics even where the file has no such column. */
  readonly always: readonly (readonly string[])[]
}

export const allColumns: StatisticsColumns = Object.freeze({ has: () => true, always: [] })

/** The columns of a table of this schema that have statistics. An array or map counts as one leaf. */
export function statisticsColumns(
  schema: StructType,
  partitionColumns: readonly string[],
  rule: StatisticsRule,
  mapping: ColumnMapping | undefined,
): StatisticsColumns {
  const chosen = new Set((rule.always ?? []).map(keyOf))
  const wanted = rule.columns && new Set(rule.columns.map((path) => keyOf(path.map((name) => name.toLowerCase()))))
  let left = wanted === undefined && rule.firstColumns >= 0 ? rule.firstColumns : Infinity
  const walk = (type: DataType, logical: readonly string[], physical: readonly string[], isChosen: boolean): void => {
    const isWanted = isChosen || wanted === undefined || wanted.has(keyOf(logical))
    if (typeof type === 'object' && type.type === 'struct') {
      for (const field of type.fields)
        walk(field.type, [...logical, field.name.toLowerCase()], [...physical, physicalName(field, mapping)], isWanted)
      return
    }
    if (!isWanted || left <= 0) return
    left--
    chosen.add(keyOf(physical))
  }
  for (const field of schema.fields)
    if (!partitionColumns.includes(field.name))
      walk(field.type, [field.name.toLowerCase()], [physicalName(field, mapping)], false)
  return Object.freeze({ has: (path: readonly string[]) => chosen.has(keyOf(path)), always: rule.always ?? [] })
}

/** Members of `nullCount` for the columns that must have statistics and are in no file of this physical schema: all their values are null. */
export function absentNullCounts(
  schema: StructType,
  { always }: StatisticsColumns,
  rowCount: number,
): readonly string[] {
  const present = new Set(schema.fields.map((field) => field.name))
  const absent = new Map<string, readonly (readonly string[])[]>()
  for (const [name, ...inner] of always)
    if (name !== undefined && !present.has(name)) absent.set(name, [...(absent.get(name) ?? []), inner])
  return [...absent].map(([name, inner]) => `${JSON.stringify(name)}:${nullCountsText(inner, rowCount)}`)
}

function nullCountsText(paths: readonly (readonly string[])[], rowCount: number): string {
  const members = new Map<string, (readonly string[])[]>()
  for (const [name, ...inner] of paths) if (name !== undefined) members.set(name, [...(members.get(name) ?? []), inner])
  if (members.size === 0) return String(rowCount)
  return `{${[...members].map(([name, inner]) => `${JSON.stringify(name)}:${nullCountsText(inner, rowCount)}`).join(',')}}`
}

function keyOf(path: readonly string[]): string {
  return path.join('\u0000')
}
