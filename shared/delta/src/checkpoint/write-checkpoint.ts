import { SiltError, type ObjectStore, type ParquetReader, type ParquetWriter } from '@silt/core'
import type { Action } from '../actions/action.ts'
import { classicCheckpointKey } from '../log/file-names.ts'
import { readCheckpointHint, writeCheckpointHint } from '../log/last-checkpoint.ts'
import { completeCheckpoints, listLog, listSegment, planSegment, type LogSegment } from '../log/segment.ts'
import { newReplay, replayAction, type Replay } from '../snapshot/replay.ts'
import { relisting, replaySegment, stateOf } from '../snapshot/replay-segment.ts'
import { deletedFileRetentionMs } from '../table/properties.ts'
import { checkpointRefusal } from './checkpoint-due.ts'
import { rowOfAction } from './checkpoint-row.ts'
import { checkpointSchema } from './checkpoint-schema.ts'
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
    const shape = shapeOf(replay)
    const body = writer.encodeRows(
      checkpointSchema(shape),
      actions.map((action) => rowOfAction(action, checkpointSchema(shape))),
    )
    await store.put(classicCheckpointKey(version), body)
    await verify(store, reader, version, actions)
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
    const replay = newReplay('files')
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
  meant: readonly Action[],
): Promise<void> {
  const read: Action[] = []
  const files = { version, keys: [classicCheckpointKey(version)] }
  for await (const action of readCheckpoint(store, reader, files, 'files')) read.push(action)
  const [found, wanted] = [summary(read), summary(meant)]
  if (found === wanted) return
  const message = `${store.location}: the checkpoint of version ${version} reads back differently; the hint was not moved`
  throw new SiltError('data', 'delta/checkpoint-mismatch', message, { context: { version, found, wanted } })
}

function summary(actions: readonly Action[]): string {
  const counts = { add: 0, bytes: 0, remove: 0, protocol: 0, metaData: 0, domains: 0 }
  const txns: string[] = []
  for (const action of actions) {
    if ('add' in action) {
      counts.add++
      counts.bytes += action.add.size
    } else if ('remove' in action) counts.remove++
    else if ('protocol' in action) counts.protocol++
    else if ('metaData' in action) counts.metaData++
    else if ('domainMetadata' in action) counts.domains++
    else if ('txn' in action)
      txns.push(JSON.stringify([action.txn.appId, action.txn.version, action.txn.lastUpdated ?? null]))
  }
  return JSON.stringify({ ...counts, txns: txns.sort() })
}

function shapeOf(replay: Replay): Parameters<typeof checkpointSchema>[0] {
  const features = new Set(replay.protocol?.writerFeatures)
  return {
    stats: replay.metadata?.configuration['delta.checkpoint.writeStatsAsJson']?.toLowerCase() !== 'false',
    domains: features.has('domainMetadata'),
    deletionVectors: features.has('deletionVectors'),
    rowTracking: features.has('rowTracking'),
    clustering: features.has('clustering'),
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
