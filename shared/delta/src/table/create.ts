import {
  assignColumnIds,
  decimalOf,
  physicalName,
  sha256Hex,
  SiltError,
  type ColumnMapping,
  type PrimitiveType,
  type StructType,
} from '@silt/core'
import type { Action, DomainMetadata, Metadata } from '../actions/action.ts'
import { featurePrefix, featuresInUse, protocolWith } from '../protocol/features-in-use.ts'
import { featureRules, type FeatureSubject, type RowRuleJudge } from '../protocol/features.ts'
import { schemaToString } from '../schema/parse-schema.ts'
import { columnMappingOf } from '../schema/table-layout.ts'
import { leafTypes, structsOf, voidColumn } from '../schema/walk-schema.ts'

/** What a table is to be. */
export interface NewTable {
  /** A fresh UUID. */
  readonly id: string
  readonly schema: StructType
  readonly partitionColumns: readonly string[]
  /** Top-level columns to cluster by; left out: none. */
  readonly clusterColumns?: readonly string[]
  /** Table properties; `delta.checkpointInterval` is 100 unless given. `delta.feature.<name>` asks for a feature and is not kept, nor are `delta.min…Version`. */
  readonly configuration: Readonly<Record<string, string>>
  readonly createdMs: number
  /** What the table is for, in a person's words. */
  readonly description?: string
  /** As `requireWritable`; left out: whether rules of rows can be evaluated is for those to say who evaluate them. */
  readonly judge?: RowRuleJudge
}

/**
 * What version 0 holds beside its `commitInfo`: protocol, metaData and domains. The protocol has just the features that columns and properties use:
 * (1, 2), readable by every engine, where there are none. Columns of a mapped table get ids and physical names.
 * Errors: `delta/invalid-table` (invalid) for a schema that such a table cannot have, and for a feature that Silt does not write.
 */
export function newTableActions(table: NewTable): Action[] {
  checkTable(table)
  const { id, partitionColumns, clusterColumns = [], createdMs, description } = table
  const features = featuresInUse({ ...table, isClustered: clusterColumns.length > 0 })
  const protocol = protocolWith(features)
  const described: Metadata = {
    id,
    ...(description === undefined ? {} : { description }),
    format: { provider: 'parquet', options: {} },
    schemaString: '',
    partitionColumns,
    configuration: { 'delta.checkpointInterval': '100', ...propertiesOf(table, features) },
    createdTime: createdMs,
  }
  const mapping = columnMappingOf({ protocol, metadata: described })
  const schema = assignColumnIds(table.schema, mapping)
  const metaData = { ...described, schemaString: schemaToString(schema) }
  requireWritten(features, { metadata: metaData, schema, judge: table.judge ?? (() => undefined) })
  const clustering = clusterColumns.length === 0 ? [] : [clusteringDomain(schema, clusterColumns, mapping)]
  return [{ protocol }, { metaData }, ...clustering.map((domainMetadata) => ({ domainMetadata }))]
}

const modeProperty = 'delta.columnMapping.mode'
/** Statements of other engines ask for a protocol by them. */
const versionProperties: ReadonlySet<string> = new Set(['delta.minReaderVersion', 'delta.minWriterVersion'])

function propertiesOf({ id, configuration }: NewTable, features: readonly string[]): Record<string, string> {
  const kept = Object.entries(configuration)
    .filter(([key]) => !key.startsWith(featurePrefix) && !versionProperties.has(key))
    // Readers compare it as it stands.
    .map(([key, value]) => [key, key === modeProperty ? value.toLowerCase() : value] as const)
  if (!features.includes('rowTracking')) return Object.fromEntries(kept)
  // Hidden columns of files, of names that no column has.
  const hidden = (name: string): string => `_${name}-col-${sha256Hex(`${id}/${name}`).slice(0, 32)}`
  return {
    'delta.rowTracking.materializedRowIdColumnName': hidden('row-id'),
    'delta.rowTracking.materializedRowCommitVersionColumnName': hidden('row-commit-version'),
    ...Object.fromEntries(kept),
  }
}

function clusteringDomain(
  schema: StructType,
  columns: readonly string[],
  mapping: ColumnMapping | undefined,
): DomainMetadata {
  const names = columns.map((name) => {
    const column = schema.fields.find((field) => field.name === name)
    if (column === undefined) throw invalidTable(`the clustering column ${name} is not in the schema`)
    return [physicalName(column, mapping)]
  })
  const configuration = JSON.stringify({ clusteringColumns: names })
  return { domain: 'delta.clustering', configuration, removed: false }
}

function requireWritten(features: readonly string[], subject: FeatureSubject): void {
  for (const name of features) {
    const refusal = featureRules.get(name)?.append(subject)
    if (!featureRules.has(name) || refusal !== undefined)
      throw invalidTable(`it needs ${name}, which Silt does not write${refusal === undefined ? '' : ` (${refusal})`}`)
  }
}

function checkTable({ schema, partitionColumns, clusterColumns = [], configuration }: NewTable): void {
  checkColumns(schema)
  checkProperties(configuration)
  const names = schema.fields.map((each) => each.name)
  for (const [index, name] of partitionColumns.entries()) {
    const column = schema.fields.find((each) => each.name === name)
    if (column === undefined) throw invalidTable(`the partition column ${name} is not in the schema`)
    if (partitionColumns.indexOf(name) < index) throw invalidTable(`the partition column ${name} is named twice`)
    if (typeof column.type !== 'string') throw invalidTable(`the partition column ${name} is nested`)
  }
  if (new Set(partitionColumns).size >= names.length)
    throw invalidTable('a table needs a column that is no partition column')
  if (partitionColumns.length > 0 && clusterColumns.length > 0)
    throw invalidTable('a table is partitioned or clustered, not both')
}

function checkColumns(schema: StructType): void {
  for (const { fields } of structsOf(schema)) {
    const names = new Set(fields.map((each) => each.name.toLowerCase()))
    if (names.size < fields.length) throw invalidTable('two columns have the same name but for its case')
    if (names.has('')) throw invalidTable('a column has no name')
  }
  const typeless = voidColumn(schema)
  if (typeless !== undefined) throw invalidTable(`column ${typeless} is void: it could never hold a value`)
  for (const { path, type } of leafTypes(schema)) {
    const decimal = decimalOf(type as PrimitiveType)
    if (decimal === undefined) continue
    const { precision, scale } = decimal
    if (precision < 1 || precision > decimalDigitsMax || scale < 0 || scale > precision)
      throw invalidTable(
        `column ${path} is ${type}: decimals have 1 to ${decimalDigitsMax} digits, of which the scale are some`,
      )
  }
}

const decimalDigitsMax = 38

function checkProperties(configuration: NewTable['configuration']): void {
  const mode = configuration[modeProperty]?.toLowerCase()
  if (mode !== undefined && !['none', 'name', 'id'].includes(mode))
    throw invalidTable(`${modeProperty} is ${mode}, none of none, name and id`)
  for (const [key, value] of Object.entries(configuration))
    if (key.startsWith(featurePrefix) && !['supported', 'enabled'].includes(value.toLowerCase()))
      throw invalidTable(`${key} is ${value}; a feature is asked for by the value supported`)
}

function invalidTable(problem: string): SiltError {
  return new SiltError('invalid', 'delta/invalid-table', `the table cannot be made: ${problem}`)
}
