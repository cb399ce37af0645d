import type { StructType } from '@silt/core'
import type { Protocol } from '../actions/action.ts'
import { fieldsOf, leafTypes } from '../schema/walk-schema.ts'

/** What a new table is to be. */
export interface DescribedTable {
  readonly schema: StructType
  readonly configuration: Readonly<Record<string, string>>
  readonly isClustered: boolean
}

/** Features that readers must know too. */
const readerWriterFeatures: ReadonlySet<string> = new Set([
  'columnMapping',
  'deletionVectors',
  'timestampNtz',
  'typeWidening',
  'v2Checkpoint',
  'vacuumProtocolCheck',
  'variantType',
])

/** `delta.feature.<name> = supported` asks for a feature by name, and is no property of the table. */
export const featurePrefix = 'delta.feature.'

const properties: readonly (readonly [feature: string, property: string, value: string])[] = [
  ['appendOnly', 'delta.appendOnly', 'true'],
  ['changeDataFeed', 'delta.enableChangeDataFeed', 'true'],
  ['columnMapping', 'delta.columnMapping.mode', 'name'],
  ['columnMapping', 'delta.columnMapping.mode', 'id'],
  ['deletionVectors', 'delta.enableDeletionVectors', 'true'],
  ['inCommitTimestamp', 'delta.enableInCommitTimestamps', 'true'],
  ['rowTracking', 'delta.enableRowTracking', 'true'],
  ['typeWidening', 'delta.enableTypeWidening', 'true'],
  ['v2Checkpoint', 'delta.checkpointPolicy', 'v2'],
  ['icebergCompatV1', 'delta.enableIcebergCompatV1', 'true'],
  ['icebergCompatV2', 'delta.enableIcebergCompatV2', 'true'],
]

const columnKeys: readonly (readonly [feature: string, key: string])[] = [
  ['invariants', 'delta.invariants'],
  ['generatedColumns', 'delta.generationExpression'],
  ['allowColumnDefaults', 'CURRENT_DEFAULT'],
  ['identityColumns', 'delta.identity.'],
  ['typeWidening', 'delta.typeChanges'],
]

/** The features a table uses by its columns and properties, and those asked for by name; sorted. */
export function featuresInUse({ schema, configuration, isClustered }: DescribedTable): readonly string[] {
  const used = new Set<string>()
  for (const [feature, property, value] of properties)
    if (configuration[property]?.toLowerCase() === value) used.add(feature)
  for (const key of Object.keys(configuration)) {
    if (key.startsWith('delta.constraints.')) used.add('checkConstraints')
    if (key.startsWith(featurePrefix)) used.add(key.slice(featurePrefix.length))
  }
  for (const { field } of fieldsOf(schema))
    for (const [feature, key] of columnKeys)
      if (Object.keys(field.metadata).some((each) => each.startsWith(key))) used.add(feature)
  for (const { type } of leafTypes(schema)) {
    if (type === 'timestamp_ntz') used.add('timestampNtz')
    if (type === 'variant') used.add('variantType')
  }
  if (isClustered) used.add('clustering')
  if (used.has('clustering') || used.has('rowTracking')) used.add('domainMetadata')
  return [...used].sort()
}

/** The protocol of a table with just these features: (1, 2), which every engine knows, where it has none. */
export function protocolWith(features: readonly string[]): Protocol {
  if (features.length === 0) return { minReaderVersion: 1, minWriterVersion: 2 }
  const readerFeatures = features.filter((each) => readerWriterFeatures.has(each))
  if (readerFeatures.length === 0) return { minReaderVersion: 1, minWriterVersion: 7, writerFeatures: features }
  return { minReaderVersion: 3, minWriterVersion: 7, readerFeatures, writerFeatures: features }
}
