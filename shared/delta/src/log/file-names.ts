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

export function sidecarKey(name: string): string {
  return `${logPrefix}_sidecars/${name}`
}

const namePattern =
  /^(\d{20})\.(?:(json)|checkpoint\.(?:(parquet)|(\d{10})\.(\d{10})\.parquet|[0-9A-Za-z-]+\.(?:parquet|json)))$/

/** What a listed key is; undefined for what replay does not use (checksums, compactions, temporary files). */
export function parseLogFile(key: string, modifiedMs: number): LogFile | undefined {
  const match = namePattern.exec(key.slice(logPrefix.length))
  if (match === null || !key.startsWith(logPrefix)) return undefined
  const [, digits, json, classic, part, parts] = match
  const version = Number(digits)
  if (!Number.isSafeInteger(version)) return undefined
  if (json !== undefined) return { kind: 'commit', version, key, modifiedMs }
  if (part !== undefined)
    return { kind: 'checkpoint', version, key, form: 'part', part: Number(part), parts: Number(parts) }
  return { kind: 'checkpoint', version, key, form: classic === undefined ? 'uuid' : 'classic' }
}
