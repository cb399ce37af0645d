import type { StructType } from '@silt/core'
import { parsePartitionAppId, progressOf, type PartitionProgress } from '@silt/contracts'
import type { Snapshot } from '@silt/delta'
import { pauseLine, type TableStanding } from './table-standing.ts'

/** A table at one version, as `silt table show` prints it. */
export interface TableDescription extends TableStanding {
  readonly location: string
  readonly id: string
  /** What whoever made it said of it. */
  readonly description: string | null
  readonly version: number
  readonly protocol: { readonly minReaderVersion: number; readonly minWriterVersion: number }
  readonly features: readonly string[]
  readonly partitionColumns: readonly string[]
  readonly schema: StructType
  readonly configuration: Readonly<Record<string, string>>
  readonly files: number
  /** Null when it cannot be told. */
  readonly rows: number | null
  readonly bytes: number
  readonly progress: readonly (PartitionProgress & { readonly topic: string })[]
}

export function describeTable(
  location: string,
  snapshot: Snapshot,
  standing: TableStanding,
  rows: number | null,
): TableDescription {
  let bytes = 0
  for (const add of snapshot.files.values()) bytes += add.size
  const topics = new Set([...snapshot.txns.keys()].flatMap((appId) => parsePartitionAppId(appId)?.key.topic ?? []))
  const { minReaderVersion, minWriterVersion, readerFeatures, writerFeatures } = snapshot.protocol
  return {
    location,
    id: snapshot.metadata.id,
    description: snapshot.metadata.description ?? null,
    version: snapshot.version,
    ...standing,
    protocol: { minReaderVersion, minWriterVersion },
    features: [...new Set([...(readerFeatures ?? []), ...(writerFeatures ?? [])])].sort(),
    partitionColumns: snapshot.metadata.partitionColumns,
    schema: snapshot.schema,
    configuration: snapshot.metadata.configuration,
    files: snapshot.files.size,
    rows,
    bytes,
    progress: [...topics]
      .flatMap((topic) => progressOf(snapshot.txns, topic).map((each) => ({ topic, ...each })))
      .sort((a, b) => a.partition - b.partition || a.restart - b.restart),
  }
}

export function tableLines(table: TableDescription): readonly string[] {
  return [
    `table       ${table.location}`,
    `id          ${table.id}`,
    ...(table.description === null ? [] : [`about       ${table.description}`]),
    `version     ${table.version}`,
    ...(table.paused === null ? [] : [`standing    ${pauseLine(table.paused)}`]),
    ...(table.parked === null ? [] : [`standing    parked: ${table.parked}`]),
    `protocol    reader ${table.protocol.minReaderVersion}, writer ${table.protocol.minWriterVersion}`,
    `features    ${table.features.join(', ') || 'none'}`,
    `partitioned ${table.partitionColumns.join(', ') || 'no'}`,
    `files       ${table.files} (${table.bytes} bytes)`,
    `rows        ${table.rows ?? 'unknown: files have no statistics, and not all could be counted by themselves'}`,
    `columns     ${table.schema.fields.map((each) => `${each.name}:${typeof each.type === 'string' ? each.type : each.type.type}`).join(' ')}`,
    ...table.progress.map(
      (each) =>
        `progress    ${each.topic}/${each.partition} next offset ${each.next} (first ${each.first}, gaps ${each.gaps}, given up ${each.accepted})`,
    ),
  ]
}
