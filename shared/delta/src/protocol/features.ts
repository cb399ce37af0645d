import { columnId, type RowRules, type StructType } from '@silt/core'
import type { Metadata } from '../actions/action.ts'
import { fieldsOf, leafTypes } from '../schema/walk-schema.ts'
import { rowRulesOf } from '../schema/row-rules.ts'
import { unknownTypeChange } from '../schema/type-changes.ts'

/** What the rules below look at. */
export interface FeatureSubject {
  readonly metadata: Metadata
  readonly schema: StructType
  /** Why some rule of rows cannot be evaluated; asked of those of one feature at a time. Left out: none can be. */
  readonly judge?: RowRuleJudge
}

/** Why these rules cannot be evaluated over rows of this schema; undefined where all of them can be. */
export type RowRuleJudge = (rules: RowRules, schema: StructType) => string | undefined

/** Why a table cannot be read or appended to because of a feature; undefined where it can. */
type Refusal = string | undefined

/**
 * One table feature (Delta PROTOCOL § Valid Feature Names in Table Features) and what Silt does about it.
 *
 * `replay`: the log alone gives protocol, metadata, txns and live files (false: state is kept elsewhere too).
 * `read`: why the rows of the live files cannot be given out. `append`: why files cannot be added.
 * Listing a feature is not using it: where the spec ties the duty to a property or a column, the rule looks for that.
 */
export interface FeatureRule {
  readonly name: string
  readonly replay: boolean
  read(table: FeatureSubject): Refusal
  append(table: FeatureSubject): Refusal
}

const fine = (): Refusal => undefined

const always = (reason: string) => (): Refusal => reason

/** Refused while any column carries one of these metadata keys. */
const columnKey =
  (keys: readonly string[], reason: string) =>
  ({ schema }: FeatureSubject): Refusal => {
    for (const { path, field } of fieldsOf(schema)) {
      const key = Object.keys(field.metadata).find((each) => keys.some((prefix) => each.startsWith(prefix)))
      if (key !== undefined) return `column ${path} has ${key}: ${reason}`
    }
    return undefined
  }

/** Refused while the property is set to `value` (any value when left out). */
const property =
  (name: string, reason: string, value?: string) =>
  ({ metadata }: FeatureSubject): Refusal => {
    const set = Object.keys(metadata.configuration).find(
      (key) => key === name || (name.endsWith('.') && key.startsWith(name)),
    )
    if (set === undefined) return undefined
    const found = metadata.configuration[set]
    return value === undefined || found?.toLowerCase() === value ? `${set} is ${found}: ${reason}` : undefined
  }

/** Refused while the table has rules of this feature that cannot be evaluated. */
const rowRules =
  (feature: string): FeatureRule['append'] =>
  (table) => {
    const protocol = { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: [feature] }
    const rules = rowRulesOf({ ...table, protocol })
    if (rules === undefined) return undefined
    if (table.judge !== undefined) return table.judge(rules, table.schema)
    const [first] = [...rules.checks, ...rules.generated, ...rules.defaults]
    return `${first?.sql ?? 'an expression'} would have to be evaluated, and nothing here does`
  }

const typeChanges = ({ schema }: FeatureSubject): Refusal => unknownTypeChange(schema)

/** Columns are found in files by what the schema says of each. */
const knownMapping = ({ metadata, schema }: FeatureSubject): Refusal => {
  const mode = metadata.configuration['delta.columnMapping.mode']?.toLowerCase() ?? 'none'
  if (mode === 'none') return undefined
  if (mode !== 'name' && mode !== 'id') return `delta.columnMapping.mode is ${mode}`
  for (const { path, field } of fieldsOf(schema)) {
    if (columnId(field) === undefined) return `column ${path} has no delta.columnMapping.id`
    if (typeof field.metadata['delta.columnMapping.physicalName'] !== 'string')
      return `column ${path} has no delta.columnMapping.physicalName`
  }
  return undefined
}

const clusteredOrPartitioned = ({ metadata }: FeatureSubject): Refusal =>
  metadata.partitionColumns.length === 0 ? undefined : 'a clustered table must not be partitioned'

const variantColumn = ({ schema }: FeatureSubject): Refusal => {
  const column = [...leafTypes(schema)].find((each) => each.type === 'variant')
  return column === undefined ? undefined : `column ${column.path} is a variant, which Silt does not write`
}

const rule = (name: string, read: FeatureRule['read'], append: FeatureRule['append'], replay = true): FeatureRule =>
  Object.freeze({ name, replay, read, append })

const wholeLog = 'the catalog, not the log, says which commits count'
const iceberg = 'files must follow Iceberg as well'

/** The allow-list: what is not in it is refused by name. */
export const featureRules: ReadonlyMap<string, FeatureRule> = new Map(
  [
    // We only append, and appending is all that an append-only table allows.
    rule('appendOnly', fine, fine),
    rule('invariants', fine, rowRules('invariants')),
    rule('checkConstraints', fine, rowRules('checkConstraints')),
    // A pure append needs no change files: its adds are the inserts.
    rule('changeDataFeed', fine, fine),
    rule('generatedColumns', fine, rowRules('generatedColumns')),
    rule('allowColumnDefaults', fine, rowRules('allowColumnDefaults')),
    rule('identityColumns', fine, columnKey(['delta.identity.'], 'its values come from a counter in the metadata')),
    rule('columnMapping', knownMapping, knownMapping),
    // Files we add have no vectors, and theirs stay as they are.
    rule('deletionVectors', fine, fine),
    rule('rowTracking', fine, fine),
    rule('timestampNtz', fine, fine),
    // Checkpoints carry every domain; appends touch none but those of features.
    rule('domainMetadata', fine, fine),
    // Classic checkpoints stay allowed beside V2 ones; multi-part ones, forbidden then, are never written.
    rule('v2Checkpoint', fine, fine),
    rule('icebergCompatV1', fine, property('delta.enableIcebergCompatV1', iceberg, 'true')),
    rule('icebergCompatV2', fine, property('delta.enableIcebergCompatV2', iceberg, 'true')),
    rule('clustering', fine, clusteredOrPartitioned),
    // We never vacuum.
    rule('vacuumProtocolCheck', fine, fine),
    rule('inCommitTimestamp', fine, fine),
    rule('typeWidening', typeChanges, typeChanges),
    rule('typeWidening-preview', typeChanges, typeChanges),
    // Given out as the bytes that lie in the file.
    rule('variantType', fine, variantColumn),
    rule('variantType-preview', fine, variantColumn),
    rule('catalogManaged', always(wholeLog), always(wholeLog), false),
  ].map((each) => [each.name, each]),
)
