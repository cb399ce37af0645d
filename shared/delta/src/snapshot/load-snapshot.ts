import type { ObjectStore, ParquetReader } from '@silt/core'
import { withChecksum } from '../checksum/check-state.ts'
import type { FileTally } from '../checksum/tally.ts'
import { noTable } from '../errors.ts'
import { listSegment } from '../log/segment.ts'
import { versionAt } from '../time-travel/version-at.ts'
import { relisting, replaySegment, stateOf, type ReplayedSegment } from './replay-segment.ts'
import type { Snapshot, TableState } from './table-state.ts'

/**
 * The table as of `version`, as of `timestampMs` (the newest version not later), or as of now; with its live files, so its size grows
 * with the table. Errors: as `loadState`, and `delta/no-table`, `delta/version-missing` (invalid).
 */
export function loadSnapshot(
  store: ObjectStore,
  reader: ParquetReader,
  at: { readonly version?: number; readonly timestampMs?: number } = {},
): Promise<Snapshot> {
  return relisting(async () => {
    const version = at.timestampMs === undefined ? at.version : await versionAt(store, reader, at.timestampMs)
    const segment = await listSegment(store, version)
    if (segment === undefined) throw noTable(store.location)
    const replayed = await replaySegment(store, reader, segment, 'files')
    const snapshot = snapshotOf(stateOf(store.location, segment, replayed), replayed)
    return withChecksum(store, segment, snapshot, replayed.tallies, tallyOf(snapshot.files))
  })
}

/** A state with the files of the replay it was made from. */
function snapshotOf(state: TableState, replayed: ReplayedSegment): Snapshot {
  const { files } = replayed.replay
  return Object.freeze({
    ...state,
    files: new Map([...(files?.adds.values() ?? [])].map((add) => [add.path, add])),
    removes: [...(files?.removes.values() ?? [])],
  })
}

function tallyOf(files: Snapshot['files']): FileTally {
  let bytes = 0
  for (const { size } of files.values()) bytes += size
  return { files: files.size, bytes }
}
