import { field, struct, type DataType } from '@silt/core'
import { schemaToString, type Metadata, type Protocol, type Snapshot } from '@silt/delta'
import { removal } from './data-files.ts'
import { commitChange, type EngineDeps, type EngineOutcome } from './engine.ts'

/**
 * ALTER TABLE … ADD COLUMNS: one nullable column at the end. Where events of the load carry a field of that name with another type, files written
 * for the older schema no longer fit (I9). A column of that name in any case is left as it is.
 */
export function addColumn(
  deps: EngineDeps,
  column: { readonly name: string; readonly type: DataType },
): Promise<EngineOutcome> {
  const { name, type } = column
  return commitChange(deps, (now, first) => {
    if (metadataChanged(now, first)) return 'lost'
    const folded = name.toLowerCase()
    if (now.schema.fields.some((each) => each.name.toLowerCase() === folded)) return { nothing: `${name} is there` }
    const schemaString = schemaToString(struct([...now.schema.fields, field(name, type)]))
    return {
      operation: 'ADD COLUMNS',
      operationParameters: { columns: JSON.stringify([{ column: { name, type, nullable: true, metadata: {} } }]) },
      actions: [{ metaData: { ...now.metadata, schemaString } }],
      did: `added the column ${name} (${JSON.stringify(type)})`,
    }
  })
}

/** ALTER TABLE … SET TBLPROPERTIES. */
export function setProperty(deps: EngineDeps, key: string, value: string): Promise<EngineOutcome> {
  return commitChange(deps, (now, first) => {
    if (metadataChanged(now, first)) return 'lost'
    const configuration = { ...now.metadata.configuration, [key]: value }
    return {
      operation: 'SET TBLPROPERTIES',
      operationParameters: { properties: JSON.stringify({ [key]: value }) },
      actions: [{ metaData: { ...now.metadata, configuration } }],
      did: `set ${key} to ${value}`,
    }
  })
}

/** Writer version 7 with a feature beside those it had: Silt has to refuse one it does not know, by name (I12). Readers are not concerned. */
export function upgradeProtocol(deps: EngineDeps, feature: string): Promise<EngineOutcome> {
  return commitChange(deps, (now) => {
    const features = now.protocol.writerFeatures ?? legacyFeatures
    if (features.includes(feature)) return { nothing: `${feature} is there` }
    const protocol: Protocol = { ...now.protocol, minWriterVersion: 7, writerFeatures: [...features, feature] }
    return {
      operation: 'UPGRADE PROTOCOL',
      operationParameters: { newProtocol: JSON.stringify(protocol) },
      actions: [{ protocol }],
      did: `upgraded the protocol to ${feature}`,
    }
  })
}

/** ALTER TABLE … DROP FEATURE: what `upgradeProtocol` did is undone, and Silt may go on. */
export function dropFeature(deps: EngineDeps, feature: string): Promise<EngineOutcome> {
  return commitChange(deps, (now) => {
    const rest = now.protocol.writerFeatures?.filter((each) => each !== feature)
    if (rest === undefined || rest.length === now.protocol.writerFeatures?.length)
      return { nothing: `${feature} is not there` }
    const isLegacy = now.protocol.minReaderVersion < 3 && rest.every((each) => legacyFeatures.includes(each))
    const protocol: Protocol = isLegacy
      ? { minReaderVersion: now.protocol.minReaderVersion, minWriterVersion: 2 }
      : { ...now.protocol, writerFeatures: rest }
    return {
      operation: 'DROP FEATURE',
      operationParameters: { featureName: feature },
      actions: [{ protocol }],
      did: `dropped the feature ${feature}`,
    }
  })
}

/**
 * CREATE OR REPLACE TABLE: another table id over the same log, all rows gone, `txn`s still there. `properties`: whether the new table has those of
 * the old one; without them it is not even marked as Silt's.
 */
export function replaceTable(
  deps: EngineDeps,
  options: { readonly properties: 'kept' | 'dropped' },
): Promise<EngineOutcome> {
  return commitChange(deps, (now) => {
    const metaData: Metadata = {
      ...now.metadata,
      id: deps.random.uuid(),
      configuration: options.properties === 'kept' ? now.metadata.configuration : {},
      createdTime: deps.clock.nowMs(),
    }
    return {
      operation: 'CREATE OR REPLACE TABLE',
      operationParameters: { isManaged: 'false', partitionBy: JSON.stringify(metaData.partitionColumns) },
      actions: [{ metaData }, ...[...now.files.values()].map((add) => removal(deps, add, true))],
      did: `replaced the table by ${metaData.id}`,
    }
  })
}

/** What writer version 2 stands for. */
const legacyFeatures: readonly string[] = ['appendOnly', 'invariants']

function metadataChanged(now: Snapshot, first: Snapshot): boolean {
  return JSON.stringify(now.metadata) !== JSON.stringify(first.metadata)
}
