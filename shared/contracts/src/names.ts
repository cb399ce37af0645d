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

export function leaseName(table: string): string {
  return `silt-${table}-committer`
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
