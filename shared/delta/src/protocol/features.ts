import type { StructType } from '@silt/core'
import type { Metadata, Protocol } from '../actions/action.ts'
import { fieldsOf, leafTypes } from '../schema/walk-schema.ts'

/** What the rules below look at. */
export interface FeatureSubject {
  readonly metadata: Metadata
  readonly schema: StructType
}

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

const mapped = ({ metadata }: FeatureSubject): Refusal => {
  const mode = metadata.configuration['delta.columnMapping.mode'] ?? 'none'
  return mode === 'none' ? undefined : `delta.columnMapping.mode is ${mode}: columns have other names in the files`
}

const rule = (name: string, read: FeatureRule['read'], append: FeatureRule['append'], replay = true): FeatureRule =>
  Object.freeze({ name, replay, read, append })

const wholeLog = 'the catalog, not the log, says which commits count'
const rowIds = 'every added file needs row ids that only the committing writer can give'

/** The allow-list: what is not in it is refused by name. */
export const featureRules: ReadonlyMap<string, FeatureRule> = new Map(
  [
    // We only append, and appending is all that an append-only table allows.
    rule('appendOnly', fine, fine),
    rule('invariants', fine, columnKey(['delta.invariants'], 'rows would have to be checked by SQL')),
    rule('checkConstraints', fine, property('delta.constraints.', 'rows would have to be checked by SQL')),
    // A pure append needs no change files: its adds are the inserts.
    rule('changeDataFeed', fine, fine),
    rule(
      'generatedColumns',
      fine,
      columnKey(['delta.generationExpression'], 'its values would have to be computed by SQL'),
    ),
    rule('allowColumnDefaults', fine, columnKey(['CURRENT_DEFAULT'], 'its default would have to be computed by SQL')),
    rule('identityColumns', fine, columnKey(['delta.identity.'], 'its values come from a counter in the metadata')),
    rule('columnMapping', mapped, mapped),
    // Live files and tombstones are kept per (path, vector); the rows a vector deletes are not left out yet.
    rule('deletionVectors', always('deleted rows would come back'), always('its rows cannot be read back and audited')),
    rule('rowTracking', fine, always(rowIds)),
    rule('timestampNtz', fine, ({ schema }) => {
      const column = [...leafTypes(schema)].find((each) => each.type === 'timestamp_ntz')
      return column === undefined ? undefined : `column ${column.path} is a timestamp_ntz, which Silt does not write`
    }),
    // Checkpoints carry every domain; appends touch none.
    rule('domainMetadata', fine, fine),
    // Classic checkpoints stay allowed beside V2 ones; multi-part ones, forbidden then, are never written.
    rule('v2Checkpoint', fine, fine),
    rule('icebergCompatV1', fine, property('delta.enableIcebergCompatV1', 'files must follow Iceberg as well', 'true')),
    rule('icebergCompatV2', fine, property('delta.enableIcebergCompatV2', 'files must follow Iceberg as well', 'true')),
    rule('clustering', fine, always('clustering columns must have statistics in every file')),
    // We never vacuum.
    rule('vacuumProtocolCheck', fine, fine),
    rule(
      'inCommitTimestamp',
      fine,
      property('delta.enableInCommitTimestamps', 'commits carry a clock of their own', 'true'),
    ),
    rule('typeWidening', fine, columnKey(['delta.typeChanges'], 'older files hold narrower types')),
    rule('typeWidening-preview', fine, columnKey(['delta.typeChanges'], 'older files hold narrower types')),
    rule('catalogManaged', always(wholeLog), always(wholeLog), false),
  ].map((each) => [each.name, each]),
)

/** Features a legacy writer version stands for (§ Writer Version Requirements); version 7 lists its own. */
export function impliedWriterFeatures(minWriterVersion: number): readonly string[] {
  const since: readonly (readonly [number, readonly string[]])[] = [
    [2, ['appendOnly', 'invariants']],
    [3, ['checkConstraints']],
    [4, ['changeDataFeed', 'generatedColumns']],
    [5, ['columnMapping']],
    [6, ['identityColumns']],
  ]
  return since.flatMap(([version, names]) => (version <= minWriterVersion ? names : []))
}

/** Whether a protocol has a feature, by its name in the lists or by its versions (§ Supported Features). */
export function supportsFeature(protocol: Protocol, name: string): boolean {
  const { minWriterVersion, writerFeatures } = protocol
  const names = minWriterVersion >= 7 ? (writerFeatures ?? []) : impliedWriterFeatures(minWriterVersion)
  return names.includes(name)
}
