import {
  absentNullCounts,
  allColumns,
  assert,
  type DataType,
  type StatisticsColumns,
  type StructType,
} from '@silt/core'
import { boundTexts } from './delta-bounds.ts'
import type { LeafColumn } from './schema-tree.ts'
import type { ValueBounds } from './value-bounds.ts'

/** What a file's pages say of one leaf. */
export interface LeafFigures {
  readonly leaf: LeafColumn
  readonly nullCount: number
  /** Rows whose outermost list is null. */
  readonly listNullCount: number
  readonly hasNan: boolean
  readonly bounds: ValueBounds | undefined
}

/**
 * The JSON text of an add's `stats` (Delta PROTOCOL § Per-file Statistics) from the figures of all leaves, in schema order: the same meaning as
 * `deltaStats` of @silt/parquet gives of the same rows.
 *
 * 1. `numRecords` and every `nullCount` are exact; a struct counts per leaf, a child of a null struct being null; a list or map counts as one column.
 * 2. `minValues` and `maxValues` are bounds: no value in the file lies outside. Binary, boolean, list and map columns have none.
 * 3. Only `columns` are in it.
 */
export function deltaStatsOf(
  schema: StructType,
  rowCount: number,
  leaves: readonly LeafFigures[],
  columns: StatisticsColumns = allColumns,
): string {
  const { mins, maxs, nullCounts } = statsOf(schema, leaves.values(), columns, [])
  const counts = [nullCounts, ...absentNullCounts(schema, columns, rowCount)].filter((each) => each !== '').join(',')
  return `{"numRecords":${rowCount},"minValues":{${mins}},"maxValues":{${maxs}},"nullCount":{${counts}}}`
}

interface StructStats {
  readonly mins: string
  readonly maxs: string
  readonly nullCounts: string
}

function statsOf(
  type: StructType,
  leaves: Iterator<LeafFigures, undefined>,
  columns: StatisticsColumns,
  above: readonly string[],
): StructStats {
  const mins: string[] = []
  const maxs: string[] = []
  const nullCounts: string[] = []
  for (const field of type.fields) {
    const name = JSON.stringify(field.name)
    const path = [...above, field.name]
    if (typeof field.type === 'object' && field.type.type === 'struct') {
      const inner = statsOf(field.type, leaves, columns, path)
      if (inner.mins !== '') mins.push(`${name}:{${inner.mins}}`)
      if (inner.maxs !== '') maxs.push(`${name}:{${inner.maxs}}`)
      if (inner.nullCounts !== '') nullCounts.push(`${name}:{${inner.nullCounts}}`)
      continue
    }
    const first = next(leaves)
    if (typeof field.type === 'object') {
      for (let more = leafCount(field.type) - 1; more > 0; more--) next(leaves)
      if (columns.has(path)) nullCounts.push(`${name}:${first.listNullCount}`)
      continue
    }
    if (!columns.has(path)) continue
    const { min, max } = first.bounds === undefined ? {} : boundTexts(first.leaf, first.bounds, first.hasNan)
    if (min !== undefined) mins.push(`${name}:${min}`)
    if (max !== undefined) maxs.push(`${name}:${max}`)
    nullCounts.push(`${name}:${first.nullCount}`)
  }
  return { mins: mins.join(','), maxs: maxs.join(','), nullCounts: nullCounts.join(',') }
}

function leafCount(type: DataType): number {
  if (typeof type === 'string') return 1
  switch (type.type) {
    case 'struct':
      return type.fields.reduce((sum, field) => sum + leafCount(field.type), 0)
    case 'array':
      return leafCount(type.elementType)
    case 'map':
      return leafCount(type.keyType) + leafCount(type.valueType)
  }
}

function next(leaves: Iterator<LeafFigures, undefined>): LeafFigures {
  const next = leaves.next()
  assert(next.done !== true, 'every leaf of the schema has figures')
  return next.value
}
