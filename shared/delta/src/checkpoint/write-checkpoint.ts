import { SiltError, type ObjectStore, type ParquetFileWriter, type ParquetReader } from '@silt/core'
import { readCheckpointHint, writeCheckpointHint } from '../log/last-checkpoint.ts'
import { completeCheckpoints, listLog, type CheckpointFiles } from '../log/segment.ts'
import { relisting } from '../snapshot/replay-segment.ts'
import { checkpointContent } from './checkpoint-source.ts'
import { tallyOfCheckpoint, type CheckpointTally } from './checkpoint-tally.ts'
import { writeClassic } from './write-classic.ts'
import { wantsSidecars, writeWithSidecars } from './write-sidecars.ts'

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
 * Classic V1, or V2 with sidecars where the table lists `v2Checkpoint` and its `delta.checkpointPolicy` is `v2`: sidecars of which nothing changed are
 * referred to again.
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
  return relisting(async (without) => {
    const existing = await existingCheckpoint(store, reader, version)
    if (existing !== undefined) {
      await moveHint(store, existing.outcome, existing.adds)
      return existing.outcome
    }
    const content = await checkpointContent(store, reader, version, without)
    const { tally, sizeBytes, key } = wantsSidecars(content.state)
      ? await writeWithSidecars(store, writer, content)
      : await writeClassic(store, writer, content)
    await verify(store, reader, { version, keys: [key] }, tally)
    const outcome = { kind: 'written', version, actions: tally.actions, sizeBytes } as const
    await moveHint(store, outcome, tally.adds)
    return outcome
  })
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
