import { assert, type ObjectStore, type ParquetReader } from '@silt/core'
import { withChecksum } from '../checksum/check-state.ts'
import { noTable } from '../errors.ts'
import { listSegment } from '../log/segment.ts'
import { versionAt } from '../time-travel/version-at.ts'
import { relisting, replaySegment, stateOf } from './replay-segment.ts'
import type { Snapshot } from './table-state.ts'

/**
 * The table as of `version`, as of `timestampMs` (the newest version not later), or as of now; with its live files, so its size grows
 * with the table. Errors: as `loadState`, and `delta/no-table`, `delta/version-missing` (invalid).
 */
export function loadSnapshot(
  store: ObjectStore,
  reader: ParquetReader,
  at: { readonly version?: number; readonly timestampMs?: number } = {},
): Promise<Snapshot> {
  return relisting(async (without) => {
    const version = at.timestampMs === undefined ? at.version : await versionAt(store, reader, at.timestampMs)
    const segment = await listSegment(store, version, without)
    if (segment === undefined) throw noTable(store.location)
    const { files, ...replayed } = await replaySegment(store, reader, segment, 'files')
    assert(files !== undefined, 'files that were asked for are there')
    const { adds, removes } = files
    const state = stateOf(store.location, segment, { files, ...replayed }, without)
    const snapshot = { ...state, files: adds, removes }
    return withChecksum(store, segment, snapshot, replayed.tallies, { files: adds.size, bytes: adds.bytes })
  })
}
