import type { ColumnBatch, ObjectStore, OpenParquetFile, ParquetFileWriter, StructType } from '@silt/core'
import type { Action } from '../actions/action.ts'
import type { FileChunk } from '../files/file-chunk.ts'
import { classicCheckpointKey } from '../log/file-names.ts'
import { actionBatch, fileBatch } from './checkpoint-batches.ts'
import { checkpointSchema } from './checkpoint-schema.ts'
import type { CheckpointContent } from './checkpoint-source.ts'
import { CheckpointTally } from './checkpoint-tally.ts'
import { actionsOfBatch } from './read-checkpoint.ts'

/** A checkpoint that was put, and what it is meant to hold. */
export interface WrittenCheckpoint {
  readonly key: string
  readonly tally: CheckpointTally
  /** Sidecars included. */
  readonly sizeBytes: number
}

/** One file that holds all (§ V1 Spec). */
export async function writeClassic(
  store: ObjectStore,
  writer: ParquetFileWriter,
  content: CheckpointContent,
): Promise<WrittenCheckpoint> {
  const schema = checkpointSchema(content.shape)
  const file = writer.open(schema)
  const tally = new CheckpointTally()
  writeActions(file, schema, content.actions, tally)
  for await (const chunk of allFiles(content)) {
    if (chunk.rowCount === 0) continue
    file.write(fileBatch(schema, chunk, content.shape.parsed))
    tally.countFiles(chunk)
  }
  const body = file.finish()
  const key = classicCheckpointKey(content.state.version)
  await store.put(key, body)
  return { key, tally, sizeBytes: body.byteLength }
}

/** Puts small actions first, in a row group of their own: who wants no files reads no more. */
export function writeActions(
  file: OpenParquetFile,
  schema: StructType,
  actions: readonly Action[],
  tally: CheckpointTally,
): void {
  const batch: ColumnBatch = actionBatch(schema, actions)
  file.write(batch)
  // As the checkpoint keeps them: without the fields that the protocol gives no column.
  for (const action of actionsOfBatch('a row to be written', 0, batch)) tally.count(action)
  file.endRowGroup()
}

async function* allFiles(content: CheckpointContent): AsyncGenerator<FileChunk> {
  yield* content.files()
  for (const sidecar of content.sidecars) yield* content.sidecarFiles(sidecar)
}
