/** Names that cross a border (architecture.md § 8). */

/** Job version this code writes; it reads this and older. */
export const jobVersion = 1

/** Last path segment of the table's location: metric label and queue name part. */
export function tableLabel(tablePath: string): string {
  const segments = tablePath.split(/[/\\]/).filter((segment) => segment !== '')
  return (segments.at(-1) ?? 'table').replace(/[^A-Za-z0-9._-]/g, '-')
}

export function queueName(table: string, kind: 'write' | 'commit', version: number): string {
  return `silt-${table}-${kind}-v${version}`
}

/** What a name made by `queueName` says; undefined for any other. */
export function parseQueueName(name: string): { table: string; kind: 'write' | 'commit'; version: number } | undefined {
  const [, table, kind, version] = /^silt-(.+)-(write|commit)-v(\d{1,6})$/.exec(name) ?? []
  if (table === undefined || version === undefined) return undefined
  return { table, kind: kind === 'write' ? 'write' : 'commit', version: Number(version) }
}

export function leaseName(table: string): string {
  return `silt-${table}-committer`
}

/**
 * Why a job is refused that names another table. Queues and lease are named after the last path segment alone, so two tables whose paths end
 * alike meet on one Redis; what a deleted table left behind looks the same, and passes.
 */
export function otherTableMessage(jobTableId: string, tableId: string): string {
  return (
    `a job of table ${jobTableId} came to table ${tableId} and is refused. If this goes on, two tables whose paths end alike share one Redis, ` +
    'and neither gets on: give each its own Redis database (REDIS_URL=redis://host:6379/1) or another last segment of DELTA_TABLE_PATH'
  )
}

/** DELTA_TABLE_PATH without trailing slash + `-dead-letters`. */
export function deadLetterTablePath(tablePath: string): string {
  return `${tablePath.replace(/\/+$/, '')}-dead-letters`
}

/** Path of a data file in its table, not yet URL-encoded: `[column=value/]part-<unit id>-<uuid>.zstd.parquet`. */
export function dataFilePath(unit: string, uuid: string, partitionDirectory: string): string {
  const prefix = partitionDirectory === '' ? '' : `${partitionDirectory}/`
  return `${prefix}part-${unit}-${uuid}.zstd.parquet`
}

/** Written twice at start to see whether the store refuses a second put-if-absent (I11); never deleted. */
export const probeKey = '_silt/probe'

/** Tags of every add Silt writes: the unit's counted ranges (JSON) and its id. */
export const rangesTag = 'silt.ranges'
export const unitTag = 'silt.unit'

/** metaData property that marks a table Silt made or adopted. */
export const formatProperty = 'silt.format'
export const formatVersion = '1'

/** `startFrom` of an adoption that goes on from progress the table holds: its properties were taken back to before its adoption, by a RESTORE say. */
export const fromProgress = 'progress'
