import { isSiltError, type ObjectStore, type ParquetReader } from '@silt/core'
import type { Action } from '../actions/action.ts'
import { decodeEntry } from '../actions/entry-body.ts'
import { decodePath } from '../actions/path.ts'
import { brokenLog, logChanged } from '../errors.ts'
import { logPrefix, sidecarKey } from '../log/file-names.ts'
import type { CheckpointFiles } from '../log/segment.ts'
import { actionOfRow } from './checkpoint-row.ts'

const stateColumns: readonly string[] = ['protocol', 'metaData', 'txn', 'domainMetadata']
const fileColumns: readonly string[] = ['add', 'remove']

/**
 * The actions of a checkpoint, row group by row group (Delta PROTOCOL § Checkpoints): classic, multi-part and V2 ones with their
 * sidecars. `no-files` reads no file action, neither their columns nor their sidecars.
 * Errors: `delta/broken-log` (data) naming file and row, `delta/log-changed` (unavailable).
 */
export async function* readCheckpoint(
  store: ObjectStore,
  reader: ParquetReader,
  files: CheckpointFiles,
  keep: 'files' | 'no-files',
): AsyncGenerator<Action> {
  const columns = [...stateColumns, 'sidecar', ...(keep === 'files' ? fileColumns : [])]
  for (const key of files.keys)
    for await (const action of readActions(store, reader, key, columns)) {
      if (!('sidecar' in action)) yield action
      else if (keep === 'files') yield* readActions(store, reader, sidecarOf(action.sidecar.path), fileColumns)
    }
}

async function* readActions(
  store: ObjectStore,
  reader: ParquetReader,
  key: string,
  columns: readonly string[],
): AsyncGenerator<Action> {
  const found = await store.get(key)
  if (found.kind === 'missing') throw logChanged(store.location, key)
  if (key.endsWith('.json')) {
    yield* decodeEntry(key, found.body)
    return
  }
  let row = 0
  try {
    for await (const rows of reader.rows(found.body, { columns }))
      for (const each of rows) {
        const action = actionOfRow(`${key} row ${++row}`, each)
        if (action !== undefined) yield action
      }
  } catch (cause) {
    if (isSiltError(cause, 'delta/broken-log')) throw cause
    throw brokenLog(`${key} after row ${row}`, 'the checkpoint cannot be read as Parquet', cause)
  }
}

// "Sidecar files must always reside in the table's own _delta_log/_sidecars", so only the name counts.
function sidecarOf(path: string): string {
  const decoded = decodePath(path)
  return decoded.startsWith(logPrefix) ? decoded : sidecarKey(decoded.slice(decoded.lastIndexOf('/') + 1))
}
