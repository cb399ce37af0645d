import {
  canonicalJson,
  physicalName,
  sha256Hex,
  type ColumnMapping,
  type Json,
  type StatisticsRule,
  type TableLayout,
} from '@silt/core'
import type { Protocol } from '../actions/action.ts'
import { supportsFeature } from '../protocol/supports-feature.ts'
import type { TableState } from '../snapshot/table-state.ts'
import { columnPaths } from './column-paths.ts'
import { rowRulesOf } from './row-rules.ts'

/** What of a table's state says how its files are to be. */
export type LaidOutTable = Pick<TableState, 'protocol' | 'metadata' | 'schema' | 'domains'>

/** Leaf columns with statistics where a table does not say, as in other engines. */
const indexedColumnsDefault = 32

/** What the table asks of its data files beyond their logical schema (Delta PROTOCOL § Column Mapping, § Per-file Statistics, § Clustered Table and others). Pure. */
export function tableLayout(table: LaidOutTable): TableLayout {
  const columnMapping = columnMappingOf(table)
  const rowRules = rowRulesOf(table)
  return Object.freeze({
    statistics: statisticsOf(table),
    ...(columnMapping === undefined ? {} : { columnMapping }),
    ...(rowRules === undefined ? {} : { rowRules }),
  })
}

/** How columns are mapped; undefined where files have their own names: the mode counts only where the protocol has the feature. */
export function columnMappingOf({
  protocol,
  metadata,
}: Pick<LaidOutTable, 'protocol' | 'metadata'>): ColumnMapping | undefined {
  const mode = metadata.configuration['delta.columnMapping.mode']?.toLowerCase()
  if ((mode !== 'name' && mode !== 'id') || !mapsColumns(protocol)) return undefined
  const maxColumnId = Number(metadata.configuration['delta.columnMapping.maxColumnId'] ?? 0)
  return { mode, tableId: metadata.id, maxColumnId: Number.isSafeInteger(maxColumnId) ? maxColumnId : 0 }
}

/** For readers version 2 says it by itself, whatever the writer's lists lack. */
function mapsColumns(protocol: Protocol): boolean {
  const { minReaderVersion, readerFeatures } = protocol
  if (minReaderVersion === 2 || readerFeatures?.includes('columnMapping') === true) return true
  return supportsFeature(protocol, 'columnMapping')
}

/** Partition columns as adds name them, in order: by physical names where columns are mapped. */
export function partitionKeys(table: Pick<LaidOutTable, 'protocol' | 'metadata' | 'schema'>): readonly string[] {
  const mapping = columnMappingOf(table)
  const byName = new Map(table.schema.fields.map((field) => [field.name, physicalName(field, mapping)]))
  return table.metadata.partitionColumns.map((name) => byName.get(name) ?? name)
}

/** Names of the table's clustering columns as physical paths; undefined where it is not clustered. */
function clusteringColumns({ protocol, domains }: LaidOutTable): readonly (readonly string[])[] | undefined {
  if (!supportsFeature(protocol, 'clustering')) return undefined
  const configuration = domains.get('delta.clustering')?.configuration
  return configuration === undefined ? [] : columnPaths.ofClusteringDomain(configuration)
}

/**
 * Tells whether files written under one layout may be added under another: equal for equal demands on the bytes and rows of a file. Undefined where
 * there is none. Statistics of columns that nobody must have do not count, nor do columns that came since: schemas are compared by `mergeSchema`.
 */
export function layoutDigest({ columnMapping, statistics, rowRules }: TableLayout): string | undefined {
  const always = statistics?.always ?? []
  if (columnMapping === undefined && rowRules === undefined && always.length === 0) return undefined
  const demands = { mode: columnMapping?.mode ?? 'none', rowRules: rowRules ?? null, always }
  return sha256Hex(canonicalJson(demands as unknown as Json)).slice(0, 16)
}

function statisticsOf(table: LaidOutTable): StatisticsRule {
  const { configuration } = table.metadata
  const count = Number(configuration['delta.dataSkippingNumIndexedCols'] ?? indexedColumnsDefault)
  const listed = configuration['delta.dataSkippingStatsColumns']
  const always = clusteringColumns(table) ?? []
  return Object.freeze({
    firstColumns: Number.isSafeInteger(count) && count >= -1 ? count : indexedColumnsDefault,
    ...(listed === undefined ? {} : { columns: columnPaths.ofList(listed) }),
    ...(always.length === 0 ? {} : { always }),
  })
}
