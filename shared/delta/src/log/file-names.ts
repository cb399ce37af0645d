/**
 * Names in `_delta_log/` (Delta PROTOCOL § Delta Log Entries, § Checkpoints); `v`, `x`, `y` have 20 digits, `o`, `p` 10.
 *
 *     v.json                          commit                v.crc                 version checksum
 *     v.checkpoint.parquet            classic checkpoint    x.y.compacted.json    log compaction
 *     v.checkpoint.o.p.parquet        part o of p           _last_checkpoint      hint
 *     v.checkpoint.<uuid>.{parquet,json}   V2 checkpoint    _sidecars/…           its file actions
 */
export type LogFile =
  | { readonly kind: 'commit'; readonly version: number; readonly key: string; readonly modifiedMs: number }
  | {
      readonly kind: 'checkpoint'
      readonly version: number
      readonly key: string
      readonly form: 'classic' | 'uuid'
    }
  | {
      readonly kind: 'checkpoint'
      readonly version: number
      readonly key: string
      readonly form: 'part'
      readonly part: number
      readonly parts: number
    }
  | { readonly kind: 'checksum'; readonly version: number; readonly key: string }
  | CompactionFile

/** A log compaction (§ Log Compaction Files): the reconciled actions of commits `version` to `endVersion`, both included, at least two. */
export interface CompactionFile {
  readonly kind: 'compaction'
  readonly version: number
  readonly endVersion: number
  readonly key: string
}

export const logPrefix = '_delta_log/'
export const lastCheckpointKey = `${logPrefix}_last_checkpoint`

/** Sorts before every file of `version` and after those of earlier ones. */
export function versionPrefix(version: number): string {
  return logPrefix + String(version).padStart(20, '0')
}

/** Key of a version's commit, `_delta_log/00000000000000000000.json`, relative to the table. */
export function commitKey(version: number): string {
  return `${versionPrefix(version)}.json`
}

export function classicCheckpointKey(version: number): string {
  return `${versionPrefix(version)}.checkpoint.parquet`
}

/** Key of a V2 checkpoint in Parquet, `uuid` its own. */
export function uuidCheckpointKey(version: number, uuid: string): string {
  return `${versionPrefix(version)}.checkpoint.${uuid}.parquet`
}

/** Key of a version's checksum (§ Version Checksum File). */
export function checksumKey(version: number): string {
  return `${versionPrefix(version)}.crc`
}

export function sidecarKey(name: string): string {
  return `${logPrefix}_sidecars/${name}`
}

const namePattern =
  /^(\d{20})\.(?:(json|crc)|(\d{20})\.compacted\.json|checkpoint\.(?:(parquet)|(\d{10})\.(\d{10})\.parquet|[0-9A-Za-z-]+\.(?:parquet|json)))$/

/** What a listed key is; undefined for what is no part of the log (hint, sidecars, staged commits, temporary files). */
export function parseLogFile(key: string, modifiedMs: number): LogFile | undefined {
  const match = namePattern.exec(key.slice(logPrefix.length))
  if (match === null || !key.startsWith(logPrefix)) return undefined
  const [, digits, plain, end, classic, part, parts] = match
  const version = Number(digits)
  if (!Number.isSafeInteger(version)) return undefined
  if (plain === 'json') return { kind: 'commit', version, key, modifiedMs }
  if (plain === 'crc') return { kind: 'checksum', version, key }
  if (end !== undefined) return compactionFile(version, Number(end), key)
  if (part !== undefined)
    return { kind: 'checkpoint', version, key, form: 'part', part: Number(part), parts: Number(parts) }
  return { kind: 'checkpoint', version, key, form: classic === undefined ? 'uuid' : 'classic' }
}

function compactionFile(version: number, endVersion: number, key: string): CompactionFile | undefined {
  return Number.isSafeInteger(endVersion) && endVersion > version
    ? { kind: 'compaction', version, endVersion, key }
    : undefined
}
