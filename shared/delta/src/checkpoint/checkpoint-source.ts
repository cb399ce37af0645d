import { isPresent, SiltError, valueAt, type ObjectStore, type ParquetReader } from '@silt/core'
import type { Action } from '../actions/action.ts'
import { fileSchemas, takeRows, type FileChunk } from '../files/file-chunk.ts'
import { liveChunk, untouched } from '../files/file-table.ts'
import { listLog, listSegment, planSegment, type LogSegment } from '../log/segment.ts'
import { replayCommits, type FileTables } from '../snapshot/replay-commits.ts'
import { replayLater, stateOf } from '../snapshot/replay-segment.ts'
import { newReplay, replayAction, type Replay } from '../snapshot/replay.ts'
import type { TableState } from '../snapshot/table-state.ts'
import { deletedFileRetentionMs } from '../table/properties.ts'
import { checkpointRefusal } from './checkpoint-due.ts'
import type { CheckpointShape } from './checkpoint-schema.ts'
import { readCheckpointParts } from './read-checkpoint.ts'

/** What a checkpoint is made of: the previous one and the commits since, its files not in memory. */
export interface CheckpointContent {
  readonly state: TableState
  readonly shape: CheckpointShape
  /** All but file actions, removed domains left out. */
  readonly actions: readonly Action[]
  /** Live files and unexpired tombstones, some thousand at a time, read anew by each call. */
  files(): AsyncIterable<FileChunk>
}

/** Errors: `delta/unsupported-checkpoint` (unsupported), those of `loadState`. Memory: the files that the commits since the previous checkpoint touched. */
export async function checkpointContent(
  store: ObjectStore,
  reader: ParquetReader,
  version: number,
): Promise<CheckpointContent> {
  const segment = await baseSegment(store, version)
  const commits = await replayCommits(store, segment, 'files')
  const replay = newReplay('no-files')
  const base = segment.checkpoint
  if (base !== undefined)
    for await (const part of readCheckpointParts(store, reader, base, 'no-files'))
      for (const action of part.actions) replayAction(replay, action)
  replayLater(replay, commits)
  const state = stateOf(store.location, segment, { ...commits, replay, files: undefined })
  const refusal = checkpointRefusal(state)
  if (refusal !== undefined) {
    const message = `${store.location}: Silt writes no checkpoint of this table (${refusal}); let another engine do it`
    throw new SiltError('unsupported', 'delta/unsupported-checkpoint', message)
  }
  const later = commits.files as FileTables
  const keptAfterMs = (store.newestAnswerMs() ?? 0) - deletedFileRetentionMs(state.metadata)
  const files = async function* (): AsyncGenerator<FileChunk> {
    if (base !== undefined)
      for await (const part of readCheckpointParts(store, reader, base, 'files')) {
        yield unexpired(untouched(part.removes, [later.adds, later.removes]), keptAfterMs)
        yield untouched(part.adds, [later.adds, later.removes])
      }
    for (const view of later.removes.freeze().views) yield unexpired(liveChunk(view), keptAfterMs)
    for (const view of later.adds.freeze().views) yield liveChunk(view)
  }
  return { state, actions: actionsOf(replay, state), shape: shapeOf(state), files }
}

function actionsOf(replay: Replay, state: TableState): readonly Action[] {
  return [
    { protocol: state.protocol },
    { metaData: state.metadata },
    ...[...replay.txns.values()].map((txn) => ({ txn })),
    ...[...replay.domains.values()].map((domainMetadata) => ({ domainMetadata })),
  ]
}

function shapeOf({ metadata }: TableState): CheckpointShape {
  return { stats: metadata.configuration['delta.checkpoint.writeStatsAsJson']?.toLowerCase() !== 'false' }
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
async function baseSegment(store: ObjectStore, version: number): Promise<LogSegment> {
  const segment = await listSegment(store, version)
  if (segment === undefined) throw new SiltError('invalid', 'delta/no-table', `${store.location} holds no Delta table`)
  if (segment.checkpoint?.version !== version) return segment
  const files = await listLog(store)
  const older = planSegment(
    files.filter((file) => file.kind !== 'checkpoint' || file.version !== version),
    version,
  )
  return older.kind === 'found' ? older.segment : segment
}
