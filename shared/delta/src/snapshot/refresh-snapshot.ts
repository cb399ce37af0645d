import type { ObjectStore, ParquetReader } from '@silt/core'
import type { AddAction, RemoveAction } from '../actions/action.ts'
import { ColumnarFileSet } from '../files/file-set.ts'
import { FileTable } from '../files/file-table.ts'
import { proveNewest } from '../log/tail.ts'
import { requireReplayable } from '../protocol/negotiation.ts'
import { loadSnapshot } from './load-snapshot.ts'
import { replayFile, type FileTables } from './replay-commits.ts'
import type { Snapshot } from './table-state.ts'

/**
 * The newest version of the table that `snapshot` is of, read on from there: costs what is new, and the first time, where files were removed or added
 * again, a look at every path. `snapshot` stays as it is; both share what they have in common. Where the log no longer leads there, it is loaded anew.
 * Errors: as `loadSnapshot`.
 */
export async function refreshSnapshot(
  store: ObjectStore,
  reader: ParquetReader,
  snapshot: Snapshot,
): Promise<Snapshot> {
  const proof = await proveNewest(store, snapshot)
  if (proof === 'newest') return snapshot
  const tables = tablesOf(snapshot)
  if (proof === 'reload' || tables === undefined) return loadSnapshot(store, reader)
  requireReplayable(store.location, proof.state.protocol)
  for (const { actions } of proof.entries) for (const action of actions) replayFile(tables, action)
  const [files, removes] = [tables.adds.freeze(), tables.removes.freeze()]
  return Object.freeze({ ...proof.state, files, removes, tally: { files: files.size, bytes: files.bytes } })
}

function tablesOf({ files, removes }: Snapshot): FileTables | undefined {
  if (!(files instanceof ColumnarFileSet) || !(removes instanceof ColumnarFileSet)) return undefined
  return {
    adds: new FileTable<AddAction>('add', files as ColumnarFileSet<AddAction>),
    removes: new FileTable<RemoveAction>('remove', removes as ColumnarFileSet<RemoveAction>),
  }
}
