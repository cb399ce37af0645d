import { decodePath, deletedFileRetentionMs, loadSnapshot, type Snapshot } from '@silt/delta'
import { guarded, type EngineDeps, type EngineOutcome } from './engine.ts'

/**
 * VACUUM: deletes every data file that the newest version neither has live nor removed less than `olderThanMs` ago, and that was put longer ago than
 * that: Silt's not yet committed ones too, if they are so old (I10a). Less than the table's own retention is refused, as engines do.
 * `_delta_log`, and whatever else begins with `_` or `.`, is left alone.
 */
export function vacuum(deps: EngineDeps, options: { readonly olderThanMs?: number } = {}): Promise<EngineOutcome> {
  return guarded(async () => {
    const now = await loadSnapshot(deps.store, deps.parquetReader)
    const retentionMs = deletedFileRetentionMs(now.metadata)
    const olderThanMs = options.olderThanMs ?? retentionMs
    if (olderThanMs < retentionMs) return { kind: 'nothing', because: `the table keeps files for ${retentionMs} ms` }
    const beforeMs = deps.clock.nowMs() - olderThanMs
    const kept = keptKeys(now, beforeMs)
    const doomed: string[] = []
    for await (const { key, modifiedMs } of deps.store.list(''))
      if (!isHidden(key) && !kept.has(key) && modifiedMs < beforeMs) doomed.push(key)
    if (doomed.length === 0) return { kind: 'nothing', because: 'no file is old enough' }
    for (const key of doomed) await deps.remove(key)
    return { kind: 'done', version: undefined, did: `vacuumed ${doomed.length} files: ${doomed.join(', ')}` }
  })
}

function keptKeys(now: Snapshot, beforeMs: number): ReadonlySet<string> {
  const recent = [...now.removes].filter(({ deletionTimestamp }) => (deletionTimestamp ?? 0) >= beforeMs)
  return new Set([...now.files.values(), ...recent].map(({ path }) => decodePath(path)))
}

function isHidden(key: string): boolean {
  return key.split('/').some((segment) => segment.startsWith('_') || segment.startsWith('.'))
}
