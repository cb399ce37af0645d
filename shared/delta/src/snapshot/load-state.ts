import type { ObjectStore, ParquetReader } from '@silt/core'
import { withChecksum } from '../checksum/check-state.ts'
import { listSegment } from '../log/segment.ts'
import { relisting, replaySegment, stateOf } from './replay-segment.ts'
import type { TableState } from './table-state.ts'

/**
 * The newest state of the table at the store's root, without its file list: hint, LIST, checkpoint, commits. Undefined: no table here.
 * A state just loaded is proof of its version (I8a), as of the LIST.
 * Errors: `delta/broken-log`, `delta/log-gap`, `delta/no-protocol`, `delta/no-metadata` (data), `delta/unsupported-feature` and
 * `delta/unsupported-type` (unsupported), `delta/log-changed` and the store's.
 */
export function loadState(store: ObjectStore, reader: ParquetReader): Promise<TableState | undefined> {
  return relisting(async (without) => {
    const segment = await listSegment(store, undefined, without)
    if (segment === undefined) return undefined
    const replayed = await replaySegment(store, reader, segment, 'no-files')
    return withChecksum(store, segment, stateOf(store.location, segment, replayed, without), replayed.tallies)
  })
}
