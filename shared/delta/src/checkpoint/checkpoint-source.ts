import { assert, isPresent, SiltError, valueAt, type ObjectStore, type ParquetReader } from '@silt/core'
import type { Action, Sidecar } from '../actions/action.ts'
import { fileSchemas, takeRows, type FileChunk } from '../files/file-chunk.ts'
import { liveChunk, untouched } from '../files/file-table.ts'
import { listLog, listSegment, planSegment, type CheckpointFiles, type LogSegment } from '../log/segment.ts'
import { replayCommits, type FileTables } from '../snapshot/replay-commits.ts'
import { replayLater, stateOf } from '../snapshot/replay-segment.ts'
import { newReplay, replayAction, type Replay } from '../snapshot/replay.ts'
import type { TableState } from '../snapshot/table-state.ts'
import { deletedFileRetentionMs } from '../table/properties.ts'
import { checkpointRefusal } from './checkpoint-due.ts'
import type { CheckpointShape } from './checkpoint-schema.ts'
import { parsedColumns } from './parsed-columns.ts'
import { readCheckpointParts, readSidecar, type CheckpointPart } from './read-checkpoint.ts'

/** What a checkpoint is made of: the previous one and the commits since, its files not in memory. */
export interface CheckpointContent {
  readonly state: TableState
  readonly shape: CheckpointShape
  /** All but file actions, removed domains left out. */
  readonly actions: readonly Action[]
  /** Sidecars of the previous checkpoint. */
  readonly sidecars: readonly Sidecar[]
  /** Live files and unexpired tombstones, some thousand at a time, but for those of sidecars. */
  files(): AsyncIterable<FileChunk>
  /** Likewise, of one sidecar of the previous checkpoint. */
  sidecarFiles(sidecar: Sidecar): AsyncIterable<FileChunk>
  /** The files of a sidecar that is as good as new: live files alone, all of them still so. Undefined for any other. Their chunks hold what identifies them. */
  sameSidecar(sidecar: Sidecar): Promise<readonly FileChunk[] | undefined>
}

/** `without`: keys of checkpoints that cannot be read. Errors: `delta/unsupported-checkpoint` (unsupported), those of `loadState`. Memory: the files that the commits since the previous checkpoint touched. */
export async function checkpointContent(
  store: ObjectStore,
  reader: ParquetReader,
  version: number,
  without: ReadonlySet<string>,
): Promise<CheckpointContent> {
  const segment = await baseSegment(store, version, without)
  const commits = await replayCommits(store, segment, 'files')
  const replay = newReplay('no-files')
  const base = segment.checkpoint
  const sidecars: Sidecar[] = []
  if (base !== undefined)
    for await (const part of readCheckpointParts(store, reader, base, 'no-files'))
      for (const action of part.actions)
        if ('sidecar' in action) sidecars.push(action.sidecar)
        else replayAction(replay, action)
  replayLater(replay, commits)
  const state = stateOf(store.location, segment, { ...commits, replay, files: undefined })
  const refusal = checkpointRefusal(state)
  if (refusal !== undefined) {
    const message = `${store.location}: Silt writes no checkpoint of this table (${refusal}); let another engine do it`
    throw new SiltError('unsupported', 'delta/unsupported-checkpoint', message)
  }
  const touched = commits.files as FileTables
  const later = [touched.adds, touched.removes]
  const keptAfterMs = (store.newestAnswerMs() ?? 0) - deletedFileRetentionMs(state.metadata)
  const shape = shapeOf(state)
  // Statistics that no text holds are in the previous checkpoint alone.
  const extra = shape.parsed !== undefined && !shape.stats ? shape.parsed.stats : undefined
  const kept = async function* (parts: AsyncIterable<CheckpointPart>): AsyncGenerator<FileChunk> {
    for await (const { adds, removes } of parts) {
      yield unexpired(untouched(removes, later), keptAfterMs)
      yield untouched(adds, later)
    }
  }
  return {
    state,
    actions: actionsOf(replay, state),
    shape,
    sidecars,
    async *files() {
      // A V2 checkpoint has all file actions in itself or none.
      if (base !== undefined && sidecars.length === 0)
        yield* kept(readCheckpointParts(store, reader, base, 'files', extra))
      for (const view of touched.removes.freeze().views) yield unexpired(liveChunk(view), keptAfterMs)
      for (const view of touched.adds.freeze().views) yield liveChunk(view)
    },
    sidecarFiles: (sidecar) => kept(readSidecar(store, reader, baseOf(base), sidecar, 'files', extra)),
    async sameSidecar(sidecar) {
      const chunks: FileChunk[] = []
      for await (const { adds, removes } of readSidecar(store, reader, baseOf(base), sidecar, 'paths')) {
        if (removes.rowCount > 0 || untouched(adds, later).rowCount < adds.rowCount) return undefined
        chunks.push(adds)
      }
      return chunks
    },
  }
}

function baseOf(base: CheckpointFiles | undefined): CheckpointFiles {
  assert(base !== undefined, 'sidecars are of a checkpoint')
  return base
}

function actionsOf(replay: Replay, state: TableState): readonly Action[] {
  return [
    { protocol: state.protocol },
    { metaData: state.metadata },
    ...[...replay.txns.values()].map((txn) => ({ txn })),
    ...[...replay.domains.values()].map((domainMetadata) => ({ domainMetadata })),
  ]
}

function shapeOf(state: TableState): CheckpointShape {
  return {
    parsed: parsedColumns(state),
    stats: state.metadata.configuration['delta.checkpoint.writeStatsAsJson']?.toLowerCase() !== 'false',
  }
}

/** Without those whose time has come. A tombstone without a time is kept: dropping it could let vacuum forget the file. */
function unexpired(chunk: FileChunk, keptAfterMs: number): FileChunk {
  const at = fileSchemas.remove.fields.findIndex(({ name }) => name === 'deletionTimestamp')
  const times = chunk.fields.children[at]
  if (times === undefined || chunk.rowCount === 0) return chunk
  const rows = new Int32Array(chunk.rowCount)
  let count = 0
  for (let row = 0; row < chunk.rowCount; row++) {
    const time = isPresent(times, row) ? (valueAt(times, 'long', row) as number) : Infinity
    if (time > keptAfterMs) rows[count++] = row
  }
  return takeRows(chunk, rows.subarray(0, count))
}

/** The segment of `version` that does not rest on a checkpoint of `version` itself: that one could not be read. */
async function baseSegment(store: ObjectStore, version: number, without: ReadonlySet<string>): Promise<LogSegment> {
  const segment = await listSegment(store, version, without)
  if (segment === undefined) throw new SiltError('invalid', 'delta/no-table', `${store.location} holds no Delta table`)
  if (segment.checkpoint?.version !== version) return segment
  const files = await listLog(store)
  const older = planSegment(
    files.filter((file) => file.kind !== 'checkpoint' || (file.version !== version && !without.has(file.key))),
    version,
  )
  return older.kind === 'found' ? older.segment : segment
}
