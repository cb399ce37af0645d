import { SiltError, type ObjectStore, type ParquetReader, type ParquetRow, type ParquetWriter } from '@silt/core'
import type { Action, AddAction, RemoveAction } from '../actions/action.ts'
import { classicCheckpointKey } from '../log/file-names.ts'
import { readCheckpointHint, writeCheckpointHint } from '../log/last-checkpoint.ts'
import { completeCheckpoints, listLog, listSegment, planSegment, type LogSegment } from '../log/segment.ts'
import { newReplay, replayAction, type Replay } from '../snapshot/replay.ts'
import { relisting, replaySegment, stateOf } from '../snapshot/replay-segment.ts'
import { deletedFileRetentionMs } from '../table/properties.ts'
import { checkpointRefusal } from './checkpoint-due.ts'
import { CheckpointTally } from './checkpoint-tally.ts'
import { actionOfRow, rowOfAction } from './checkpoint-row.ts'
import { checkpointSchema, type CheckpointShape } from './checkpoint-schema.ts'
import { readCheckpoint } from './read-checkpoint.ts'

/** `written`: by this call. `exists`: a readable one was there already. The hint points at it or at a newer one. */
export interface CheckpointOutcome {
  readonly kind: 'written' | 'exists'
  readonly version: number
  readonly actions: number
  readonly sizeBytes: number
}

/**
 * Writes the classic checkpoint of `version` (Delta PROTOCOL § Checkpoints): rebuilt from the previous checkpoint and the commits since,
 * never from a state in memory (lesson 17), read back and compared before `_last_checkpoint` moves, which it never does backwards.
 *
 * Idempotent; two writers at once are harmless (either file holds the same state). A crash leaves a checkpoint without hint, found by LIST.
 * Memory: the live files of the table, and their rows once more while encoding.
 * Errors: `delta/unsupported-checkpoint` (unsupported), `delta/checkpoint-mismatch` (data; the file stays, the hint does not point at it),
 * and those of `loadSnapshot`.
 */
export function writeCheckpoint(
  store: ObjectStore,
  reader: ParquetReader,
  writer: ParquetWriter,
  version: number,
): Promise<CheckpointOutcome> {
  return relisting(async () => {
    const existing = await existingCheckpoint(store, reader, version)
    if (existing !== undefined) {
      await moveHint(store, existing, undefined)
      return existing
    }
    const { replay, actions } = await checkpointActions(store, reader, version)
    const schema = checkpointSchema(shapeOf(replay))
    const rows = actions.map((action) => rowOfAction(action, schema))
    const body = writer.encodeRows(schema, rows)
    await store.put(classicCheckpointKey(version), body)
    await verify(store, reader, version, rows)
    const outcome = { kind: 'written', version, actions: actions.length, sizeBytes: body.byteLength } as const
    await moveHint(store, outcome, replay.files?.adds.size)
    return outcome
  })
}

/** The state of `version` as checkpoint actions: small ones first, so that a reader without file list stops early. */
async function checkpointActions(
  store: ObjectStore,
  reader: ParquetReader,
  version: number,
): Promise<{ readonly replay: Replay; readonly actions: readonly Action[] }> {
  const segment = await baseSegment(store, version)
  const replayed = await replaySegment(store, reader, segment, 'files')
  const state = stateOf(store.location, segment, replayed)
  const refusal = checkpointRefusal(state)
  if (refusal !== undefined) {
    const message = `${store.location}: Silt writes no checkpoint of this table (${refusal}); let another engine do it`
    throw new SiltError('unsupported', 'delta/unsupported-checkpoint', message)
  }
  const { replay } = replayed
  const keptAfterMs = (store.newestAnswerMs() ?? 0) - deletedFileRetentionMs(state.metadata)
  const actions: Action[] = [{ protocol: state.protocol }, { metaData: state.metadata }]
  for (const txn of replay.txns.values()) actions.push({ txn })
  for (const domainMetadata of replay.domains.values()) actions.push({ domainMetadata })
  for (const remove of replay.files?.removes.values() ?? [])
    // A tombstone without a time is kept: dropping it could let vacuum forget the file.
    if ((remove.deletionTimestamp ?? Infinity) > keptAfterMs) actions.push({ remove: { ...remove, dataChange: false } })
  for (const add of replay.files?.adds.values() ?? []) actions.push({ add: { ...add, dataChange: false } })
  return { replay, actions }
}

/** The segment of `version` that does not rest on a checkpoint of `version` itself: that one could not be read. */
async function baseSegment(store: ObjectStore, version: number): Promise<LogSegment> {
  const segment = await listSegment(store, version)
  if (segment === undefined) throw new SiltError('invalid', 'delta/no-table', `${store.location} holds no Delta table`)
  if (segment.checkpoint?.version !== version) return segment
  const files = await listLog(store)
  const older = planSegment(
    files.filter((file) => file.kind === 'commit' || file.version !== version),
    version,
  )
  return older.kind === 'found' ? older.segment : segment
}

async function existingCheckpoint(
  store: ObjectStore,
  reader: ParquetReader,
  version: number,
): Promise<CheckpointOutcome | undefined> {
  const key = classicCheckpointKey(version)
  const info = await store.head(key)
  if (info === undefined) return undefined
  try {
    const replay = newReplay('no-files')
    let actions = 0
    for await (const action of readCheckpoint(store, reader, { version, keys: [key] }, 'files')) {
      replayAction(replay, action)
      actions++
    }
    if (replay.protocol === undefined || replay.metadata === undefined) return undefined
    return { kind: 'exists', version, actions, sizeBytes: info.sizeBytes }
  } catch (error) {
    if (error instanceof SiltError && error.kind === 'data') return undefined
    throw error
  }
}

/** Reads the file back from the store: what it says must be what was meant, action by action in number, and every `txn` to the letter. */
async function verify(
  store: ObjectStore,
  reader: ParquetReader,
  version: number,
  meant: readonly ParquetRow[],
): Promise<void> {
  const read = new CheckpointTally()
  const files = { version, keys: [classicCheckpointKey(version)] }
  for await (const action of readCheckpoint(store, reader, files, 'files')) read.count(action)
  const wanted = new CheckpointTally()
  for (const row of meant) {
    const action = actionOfRow('a row to be written', row)
    if (action !== undefined) wanted.count(action)
  }
  if (read.text() === wanted.text()) return
  const message = `${store.location}: the checkpoint of version ${version} reads back differently; the hint was not moved`
  const context = { version, found: read.text(), wanted: wanted.text() }
  throw new SiltError('data', 'delta/checkpoint-mismatch', message, { context })
}

function shapeOf(replay: Replay): CheckpointShape {
  const features = new Set(replay.protocol?.writerFeatures)
  // Listed or not, what the log holds goes in.
  const anyFile = (has: (file: AddAction | RemoveAction) => boolean): boolean => {
    for (const add of replay.files?.adds.values() ?? []) if (has(add)) return true
    for (const remove of replay.files?.removes.values() ?? []) if (has(remove)) return true
    return false
  }
  return {
    stats: replay.metadata?.configuration['delta.checkpoint.writeStatsAsJson']?.toLowerCase() !== 'false',
    domains: features.has('domainMetadata') || replay.domains.size > 0,
    deletionVectors: features.has('deletionVectors') || anyFile((file) => file.deletionVector !== undefined),
    rowTracking: features.has('rowTracking') || anyFile((file) => file.baseRowId !== undefined),
    clustering: features.has('clustering') || anyFile((file) => 'clusteringProvider' in file),
  }
}

/** Points the hint at `checkpoint` unless it already points at a newer one that is really there. */
async function moveHint(
  store: ObjectStore,
  checkpoint: CheckpointOutcome,
  addFiles: number | undefined,
): Promise<void> {
  const hinted = await readCheckpointHint(store)
  if (hinted === checkpoint.version) return
  if (hinted !== undefined && hinted > checkpoint.version) {
    const newer = completeCheckpoints(await listLog(store, { fromVersion: checkpoint.version + 1 }))
    if (newer.some((each) => each.version >= hinted)) return
  }
  await writeCheckpointHint(store, {
    version: checkpoint.version,
    size: checkpoint.actions,
    sizeInBytes: checkpoint.sizeBytes,
    ...(addFiles === undefined ? {} : { numOfAddFiles: addFiles }),
  })
}
