import { loadSnapshot, writeCheckpoint } from '@silt/delta'
import type { ObjectInfo } from '@silt/core'
import { guarded, type EngineDeps, type EngineOutcome } from './engine.ts'

/** What is kept: the newest `keepVersions` versions beside the newest, or those of the last `olderThanMs`. */
export type Kept = { readonly keepVersions: number } | { readonly olderThanMs: number }

/**
 * Writes a checkpoint of the newest version, then deletes what is older than kept (Delta PROTOCOL § Metadata Cleanup): of the versions that may go
 * the newest with a checkpoint is kept whole, and every commit and checkpoint below it is deleted, oldest first.
 */
export function cleanLog(deps: EngineDeps, keep: Kept): Promise<EngineOutcome> {
  return guarded(async () => {
    const { version: newest } = await loadSnapshot(deps.store, deps.parquetReader)
    await writeCheckpoint(deps.store, deps.parquetReader, deps.parquetWriter, newest)
    const files = await logFiles(deps)
    const cutOff = cutOffVersion(files, newest, keep, deps.clock.nowMs())
    const bases = files.filter(({ isCheckpoint, version }) => isCheckpoint && version <= cutOff)
    const base = Math.max(-1, ...bases.map(({ version }) => version))
    const doomed = files.filter(({ version }) => version < base)
    if (doomed.length === 0)
      return { kind: 'nothing', because: `no version is below a checkpoint at or before ${cutOff}` }
    for (const { key } of doomed) await deps.remove(key)
    return { kind: 'done', version: undefined, did: `cleaned the log below version ${base}: ${doomed.length} files` }
  })
}

interface LogFile {
  readonly key: string
  readonly version: number
  readonly isCheckpoint: boolean
  readonly modifiedMs: number
}

/** Commits and classic checkpoints, ascending: no engine of these simulations writes others. */
async function logFiles(deps: EngineDeps): Promise<readonly LogFile[]> {
  const files: LogFile[] = []
  for await (const info of deps.store.list('_delta_log/')) files.push(...parse(info))
  return files
}

function parse({ key, modifiedMs }: ObjectInfo): readonly LogFile[] {
  const match = /^_delta_log\/(\d{20})\.(json|checkpoint\.parquet)$/.exec(key)
  if (match === null) return []
  return [{ key, version: Number(match[1]), isCheckpoint: match[2] !== 'json', modifiedMs }]
}

/** The newest version that may be the oldest kept. */
function cutOffVersion(files: readonly LogFile[], newest: number, keep: Kept, nowMs: number): number {
  if ('keepVersions' in keep) return newest - keep.keepVersions
  const old = files.filter(({ isCheckpoint, modifiedMs }) => !isCheckpoint && modifiedMs <= nowMs - keep.olderThanMs)
  return Math.max(-1, ...old.map(({ version }) => version))
}
