import { SiltError, type ObjectStore, type ParquetReader } from '@silt/core'
import {
  decodePath,
  deletionVectorKey,
  isAbsolutePath,
  loadSnapshot,
  planRestore,
  type AddAction,
  type TableState,
} from '@silt/delta'
import type { DecidedChange } from './commit-decision.ts'

export interface RestoreRequest {
  readonly at: { readonly version?: number; readonly timestampMs?: number }
  readonly reason: string
  readonly by: string
}

/** Files looked up at the same time. */
const filesAtOnce = 16

/**
 * Gives a table the rows, columns and properties of an older version; progress stays. Committed as any engine's RESTORE is, without Silt's own record: the
 * committer parks the table until somebody has looked, and the audit reports the interval. Undefined where nothing differs.
 * Errors: `table/restore-refused` (unsupported), also where data files of that version are gone; `delta/version-missing` (invalid).
 */
export function restore(
  request: RestoreRequest,
  store: ObjectStore,
  reader: ParquetReader,
  nowMs: () => number,
): (state: TableState) => Promise<DecidedChange | undefined> {
  return async (state) => {
    const target = await loadSnapshot(store, reader, request.at)
    const current = await loadSnapshot(store, reader, { version: state.version })
    const plan = planRestore(current, target, nowMs())
    if (plan.actions.length === 0) return undefined
    await requireThere(store, plan.returning, target.version)
    const bytes = plan.returning.reduce((sum, add) => sum + add.size, 0)
    return {
      operation: 'RESTORE',
      isAnyEngines: true,
      decisions: [],
      actions: plan.actions,
      operationParameters: { version: String(target.version), reason: request.reason, by: request.by },
      operationMetrics: {
        numRestoredFiles: String(plan.returning.length),
        restoredFilesSize: String(bytes),
        numRemovedFiles: String(plan.removedFiles),
        removedFilesSize: String(plan.removedBytes),
      },
    }
  }
}

async function requireThere(store: ObjectStore, adds: readonly AddAction[], version: number): Promise<void> {
  const gone: string[] = []
  for (let index = 0; index < adds.length; index += filesAtOnce) {
    const keys = adds.slice(index, index + filesAtOnce).flatMap(keysOf)
    const found = await Promise.all(keys.map((key) => store.head(key)))
    gone.push(...keys.filter((_, at) => found[at] === undefined))
  }
  if (gone.length === 0) return
  const message = `${gone.length} of the ${adds.length} files that would come back are no longer there (vacuumed), the first is ${gone[0]}: version ${version} cannot be restored; nothing was written. Restore a later version, or settle the events anew into another table`
  throw new SiltError('unsupported', 'table/restore-refused', message, { context: { gone: gone.length } })
}

/** Files elsewhere are out of the store's reach. */
function keysOf({ path, deletionVector }: AddAction): readonly string[] {
  const vector = deletionVector === undefined ? undefined : deletionVectorKey(deletionVector)
  return [...(isAbsolutePath(path) ? [] : [decodePath(path)]), ...(vector === undefined ? [] : [vector])]
}
