import { SiltError, type ObjectStore, type ParquetFileWriter, type ParquetReader } from '@silt/core'
import { classicCheckpointKey } from '../log/file-names.ts'
import { readCheckpointHint, writeCheckpointHint } from '../log/last-checkpoint.ts'
import { completeCheckpoints, listLog, type CheckpointFiles } from '../log/segment.ts'
import { relisting } from '../snapshot/replay-segment.ts'
import { actionBatch, fileBatch } from './checkpoint-batches.ts'
import { checkpointSchema } from './checkpoint-schema.ts'
import { checkpointContent, type CheckpointContent } from './checkpoint-source.ts'
import { CheckpointTally, tallyOfCheckpoint } from './checkpoint-tally.ts'
import { actionsOfBatch } from './read-checkpoint.ts'

/** `written`: by this call. `exists`: a readable one was there already. The hint points at it or at a newer one. */
export interface CheckpointOutcome {
  readonly kind: 'written' | 'exists'
  readonly version: number
  readonly actions: number
  readonly sizeBytes: number
}

/**
 * Writes the checkpoint of `version` (Delta PROTOCOL § Checkpoints): streamed from the previous checkpoint and the commits since, never from a state in
 * memory (lesson 17), read back and compared before `_last_checkpoint` moves, which it never does backwards.
 *
 * Idempotent; two writers at once are harmless (either file holds the same state). A crash leaves a checkpoint without hint, found by LIST.
 * Memory: the file as it is written, compressed, and the files that the commits since the previous checkpoint touched; not the table's.
 * Errors: `delta/unsupported-checkpoint` (unsupported), `delta/checkpoint-mismatch` (data; the file stays, the hint does not point at it),
 * and those of `loadState`.
 */
export function writeCheckpoint(
  store: ObjectStore,
  reader: ParquetReader,
  writer: ParquetFileWriter,
  version: number,
): Promise<CheckpointOutcome> {
  return relisting(async () => {
    const existing = await existingCheckpoint(store, reader, version)
    if (existing !== undefined) {
      await moveHint(store, existing.outcome, existing.adds)
      return existing.outcome
    }
    const content = await checkpointContent(store, reader, version)
    const { tally, sizeBytes } = await writeClassic(store, writer, content)
    await verify(store, reader, { version, keys: [classicCheckpointKey(version)] }, tally)
    const outcome = { kind: 'written', version, actions: tally.actions, sizeBytes } as const
    await moveHint(store, outcome, tally.adds)
    return outcome
  })
}

async function writeClassic(
  store: ObjectStore,
  writer: ParquetFileWriter,
  content: CheckpointContent,
): Promise<{ readonly tally: CheckpointTally; readonly sizeBytes: number }> {
  const schema = checkpointSchema(content.shape)
  const file = writer.open(schema)
  const tally = new CheckpointTally()
  const small = actionBatch(schema, content.actions)
  file.write(small)
  for (const action of actionsOfBatch('a row to be written', 0, small)) tally.count(action)
  // Who reads no files reads one small row group.
  file.endRowGroup()
  for await (const chunk of content.files()) {
    if (chunk.rowCount === 0) continue
    file.write(fileBatch(schema, chunk))
    tally.countFiles(chunk)
  }
  const body = file.finish()
  await store.put(classicCheckpointKey(content.state.version), body)
  return { tally, sizeBytes: body.byteLength }
}

interface FoundCheckpoint {
  readonly outcome: CheckpointOutcome
  readonly adds: number
}

/** The checkpoint of `version` that is there, where it can be read. */
async function existingCheckpoint(
  store: ObjectStore,
  reader: ParquetReader,
  version: number,
): Promise<FoundCheckpoint | undefined> {
  const found = await checkpointFiles(store, version)
  if (found === undefined) return undefined
  try {
    const tally = await tallyOfCheckpoint(store, reader, found)
    const sizes = await Promise.all(found.keys.map(async (key) => (await store.head(key))?.sizeBytes ?? 0))
    const sizeBytes = sizes.reduce((sum, each) => sum + each, 0)
    if (!tally.isState) return undefined
    return { outcome: { kind: 'exists', version, actions: tally.actions, sizeBytes }, adds: tally.adds }
  } catch (error) {
    if (error instanceof SiltError && error.kind === 'data') return undefined
    throw error
  }
}

async function checkpointFiles(store: ObjectStore, version: number): Promise<CheckpointFiles | undefined> {
  return completeCheckpoints(await listLog(store, { fromVersion: version })).find((each) => each.version === version)
}

/** Reads the checkpoint back from the store: what it says must be what was meant, action by action in number, and every `txn` to the letter. */
async function verify(
  store: ObjectStore,
  reader: ParquetReader,
  files: CheckpointFiles,
  meant: CheckpointTally,
): Promise<void> {
  const found = (await tallyOfCheckpoint(store, reader, files)).text()
  const wanted = meant.text()
  if (found === wanted) return
  const { version } = files
  const message = `${store.location}: the checkpoint of version ${version} reads back differently; the hint was not moved`
  throw new SiltError('data', 'delta/checkpoint-mismatch', message, { context: { version, found, wanted } })
}

/** Points the hint at `checkpoint` unless it already points at a newer one that is really there. */
async function moveHint(store: ObjectStore, checkpoint: CheckpointOutcome, addFiles: number): Promise<void> {
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
    numOfAddFiles: addFiles,
  })
}
