import type { Json, StructType } from '@silt/core'
import { parsePartitionAppId, progressOf, type PartitionProgress } from '@silt/contracts'
import type { Snapshot } from '@silt/delta'
import { pauseLine, type TableStanding } from './table-standing.ts'

/** A table at one version, as `silt table show` prints it. */
export interface TableDescription extends TableStanding {
  readonly location: string
  readonly id: string
  readonly version: number
  readonly protocol: { readonly minReaderVersion: number; readonly minWriterVersion: number }
  readonly features: readonly string[]
  readonly partitionColumns: readonly string[]
  readonly schema: StructType
  readonly configuration: Readonly<Record<string, string>>
  readonly files: number
  /** Null when a file has no statistics. */
  readonly rows: number | null
  readonly bytes: number
  readonly progress: readonly (PartitionProgress & { readonly topic: string })[]
}

export function describeTable(location: string, snapshot: Snapshot, standing: TableStanding): TableDescription {
  const adds = [...snapshot.files.values()]
  const rowCounts = adds.map((add) => numRecords(add.stats))
  const topics = new Set([...snapshot.txns.keys()].flatMap((appId) => parsePartitionAppId(appId)?.key.topic ?? []))
  const { minReaderVersion, minWriterVersion, readerFeatures, writerFeatures } = snapshot.protocol
  return {
    location,
    id: snapshot.metadata.id,
    version: snapshot.version,
    ...standing,
    protocol: { minReaderVersion, minWriterVersion },
    features: [...new Set([...(readerFeatures ?? []), ...(writerFeatures ?? [])])].sort(),
    partitionColumns: snapshot.metadata.partitionColumns,
    schema: snapshot.schema,
    configuration: snapshot.metadata.configuration,
    files: adds.length,
    rows: rowCounts.includes(null) ? null : rowCounts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
    bytes: adds.reduce((sum, add) => sum + add.size, 0),
    progress: [...topics]
      .flatMap((topic) => progressOf(snapshot.txns, topic).map((each) => ({ topic, ...each })))
      .sort((a, b) => a.partition - b.partition || a.restart - b.restart),
  }
}

export function numRecords(stats: string | undefined): number | null {
  if (stats === undefined) return null
  const parsed = JSON.parse(stats) as { readonly numRecords?: Json }
  return typeof parsed.numRecords === 'number' ? parsed.numRecords : null
}

export function tableLines(table: TableDescription): readonly string[] {
  return [
    `table       ${table.location}`,
    `id          ${table.id}`,
    `version     ${table.version}`,
    ...(table.paused === null ? [] : [`standing    ${pauseLine(table.paused)}`]),
    ...(table.parked === null ? [] : [`standing    parked: ${table.parked}`]),
    `protocol    reader ${table.protocol.minReaderVersion}, writer ${table.protocol.minWriterVersion}`,
    `features    ${table.features.join(', ') || 'none'}`,
    `partitioned ${table.partitionColumns.join(', ') || 'no'}`,
    `files       ${table.files} (${table.bytes} bytes)`,
    `rows        ${table.rows ?? 'unknown: a file has no statistics'}`,
    `columns     ${table.schema.fields.map((each) => `${each.name}:${typeof each.type === 'string' ? each.type : each.type.type}`).join(' ')}`,
    ...table.progress.map(
      (each) =>
        `progress    ${each.topic}/${each.partition} next offset ${each.next} (first ${each.first}, gaps ${each.gaps}, given up ${each.accepted})`,
    ),
  ]
}
