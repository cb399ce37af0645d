import type { ObjectStore, ParquetReader } from '@silt/core'
import { readCheckpointParts } from '../checkpoint/read-checkpoint.ts'
import { noTable } from '../errors.ts'
import type { FileChunk } from '../files/file-chunk.ts'
import { liveBytes } from '../files/file-set.ts'
import { untouched } from '../files/file-table.ts'
import { listSegment } from '../log/segment.ts'
import { replayCommits, type FileTables } from './replay-commits.ts'
import { relisting, replayLater, stateOf } from './replay-segment.ts'
import { newReplay, replayAction } from './replay.ts'

/** What the file actions of one version add up to. */
export interface FileCounts {
  readonly version: number
  readonly files: number
  readonly bytes: number
  /** Of files that the log lists as removed: what vacuum may free. */
  readonly removedBytes: number
}

/**
 * Counts the files of the newest version as they are read: as `loadSnapshot` has them, without holding them. Memory: the files that the commits since the
 * newest checkpoint touched. Errors: as `loadSnapshot`.
 */
export function countFiles(store: ObjectStore, reader: ParquetReader): Promise<FileCounts> {
  return relisting(async (without) => {
    const segment = await listSegment(store, undefined, without)
    if (segment === undefined) throw noTable(store.location)
    const commits = await replayCommits(store, segment, 'files')
    const touched = commits.files as FileTables
    const later = [touched.adds, touched.removes]
    const replay = newReplay('no-files')
    let [files, bytes, removedBytes] = [0, 0, 0]
    if (segment.checkpoint !== undefined)
      for await (const part of readCheckpointParts(store, reader, segment.checkpoint, 'paths')) {
        for (const action of part.actions) replayAction(replay, action)
        const live = untouched(part.adds, later)
        files += live.rowCount
        bytes += bytesOf(live)
        removedBytes += bytesOf(untouched(part.removes, later))
      }
    replayLater(replay, commits)
    const { version } = stateOf(store.location, segment, { ...commits, replay, files: undefined })
    const [adds, removes] = [touched.adds.freeze(), touched.removes.freeze()]
    return {
      version,
      files: files + adds.size,
      bytes: bytes + adds.bytes,
      removedBytes: removedBytes + removes.bytes,
    }
  })
}

function bytesOf(chunk: FileChunk): number {
  return chunk.rowCount === 0 ? 0 : liveBytes({ chunk, dead: undefined })
}
