import { struct, type ParquetRow, type StructType } from '@silt/core'
import { decodePath, encodePath, type Action, type AddAction, type Snapshot } from '@silt/delta'
import type { EngineDeps } from './engine.ts'

export type PartitionValues = AddAction['partitionValues']

/** Every row of a live file; undefined where the file is gone. */
export async function readRows(deps: EngineDeps, add: AddAction): Promise<readonly ParquetRow[] | undefined> {
  const found = await deps.store.get(decodePath(add.path))
  if (found.kind === 'missing') return undefined
  const rows: ParquetRow[] = []
  for await (const some of deps.parquetReader.rows(found.body)) rows.push(...some)
  return rows
}

/** Puts a file of these rows under a name of this engine's and answers its add, without tags. */
export async function writeRows(
  deps: EngineDeps,
  table: Snapshot,
  rows: readonly ParquetRow[],
  file: { readonly partitionValues: PartitionValues; readonly dataChange: boolean },
): Promise<AddAction> {
  const bytes = deps.parquetWriter.encodeRows(fileSchema(table), rows)
  const key = `${folderOf(file.partitionValues)}part-00000-${deps.random.uuid()}-c000.snappy.parquet`
  const { storeTimeMs } = await deps.store.put(key, bytes)
  return {
    path: encodePath(key),
    partitionValues: file.partitionValues,
    size: bytes.byteLength,
    modificationTime: storeTimeMs,
    dataChange: file.dataChange,
    stats: JSON.stringify({ numRecords: rows.length }),
  }
}

/** The removal of a live file. */
export function removal(deps: EngineDeps, add: AddAction, dataChange: boolean): Action {
  const { path, partitionValues, size } = add
  const deletionTimestamp = deps.clock.nowMs()
  return { remove: { path, deletionTimestamp, dataChange, extendedFileMetadata: true, partitionValues, size } }
}

/** Whether files written for one version are files of the other: metadata and protocol to the letter. Else an engine starts again from nothing. */
export function sameDescription(now: Snapshot, first: Snapshot): boolean {
  return JSON.stringify([now.metadata, now.protocol]) === JSON.stringify([first.metadata, first.protocol])
}

/** What is in the log of a file, whoever wrote it: Silt's carry tags. */
export function isSilts(add: AddAction): boolean {
  return add.tags?.['silt.unit'] !== undefined
}

/** A uniform choice; undefined of nothing. */
export function pick<T>(deps: EngineDeps, from: readonly T[]): T | undefined {
  return from[Math.floor(deps.random.next() * from.length)]
}

function folderOf(values: PartitionValues): string {
  return Object.entries(values)
    .map(([column, value]) => `${column}=${value ?? '__HIVE_DEFAULT_PARTITION__'}/`)
    .join('')
}

/** Columns of a data file: those of the table but the partition columns, whose values are in the add. */
function fileSchema(table: Snapshot): StructType {
  const partitions = new Set(table.metadata.partitionColumns)
  return struct(table.schema.fields.filter(({ name }) => !partitions.has(name)))
}
