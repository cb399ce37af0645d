import { isSiltError } from '@silt/core'
import { decodePath, loadSnapshot, type Action, type Snapshot } from '@silt/delta'
import { removal } from './data-files.ts'
import { commitChange, type EngineDeps, type EngineOutcome } from './engine.ts'

/**
 * RESTORE TABLE … TO VERSION AS OF: the files and the description of `version` again, `dataChange` true; `txn`s stay, so Silt's progress is ahead of
 * the rows (I12). A version that clean-up made unreadable, or whose files were vacuumed, cannot be restored.
 */
export function restoreTo(deps: EngineDeps, version: number): Promise<EngineOutcome> {
  return commitChange(deps, async (now) => {
    if (version >= now.version) return { nothing: `version ${version} is not an older one` }
    const then = await snapshotAt(deps, version)
    if (then === undefined) return { nothing: `version ${version} can no longer be read` }
    const added = [...then.files.values()].filter(({ path }) => !now.files.has(path))
    for (const { path } of added)
      if ((await deps.store.head(decodePath(path))) === undefined) return { nothing: `${path} was vacuumed` }
    const removed = [...now.files.values()].filter(({ path }) => !then.files.has(path))
    const isDescribedAlike = JSON.stringify(then.metadata) === JSON.stringify(now.metadata)
    return {
      operation: 'RESTORE',
      operationParameters: { version: String(version) },
      actions: [
        ...(isDescribedAlike ? [] : [{ metaData: then.metadata }]),
        ...added.map((add): Action => ({ add: { ...add, dataChange: true } })),
        ...removed.map((add) => removal(deps, add, true)),
      ],
      did: `restored version ${version}: ${added.length} files back, ${removed.length} gone`,
    }
  })
}

async function snapshotAt(deps: EngineDeps, version: number): Promise<Snapshot | undefined> {
  try {
    return await loadSnapshot(deps.store, deps.parquetReader, { version })
  } catch (error) {
    if (isSiltError(error, 'delta/version-missing') || isSiltError(error, 'delta/log-gap')) return undefined
    throw error
  }
}
