import { sha256Hex, struct, type ObjectStore, type OpenParquetFile, type ParquetFileWriter } from '@silt/core'
import type { Action, Sidecar } from '../actions/action.ts'
import type { FileChunk } from '../files/file-chunk.ts'
import { classicCheckpointKey, sidecarKey, uuidCheckpointKey } from '../log/file-names.ts'
import { listLog } from '../log/segment.ts'
import type { TableState } from '../snapshot/table-state.ts'
import { fileBatch } from './checkpoint-batches.ts'
import { sidecarSchema, stateColumns } from './checkpoint-schema.ts'
import type { CheckpointContent } from './checkpoint-source.ts'
import { CheckpointTally } from './checkpoint-tally.ts'
import { writeActions, type WrittenCheckpoint } from './write-classic.ts'

/** File actions in one sidecar, roughly at most. */
const sidecarRowsMax = 100_000
/** A sidecar of fewer bytes is written anew with others, though nothing of it changed. */
const keptBytesMin = 1024 * 1024
/** Checkpoints with names that older readers do not know, one after the other. */
const unknownNamesMax = 10

/** Whether the table's checkpoints are to be V2 ones. */
export function wantsSidecars({ protocol, metadata }: TableState): boolean {
  const isListed = protocol.writerFeatures?.includes('v2Checkpoint') === true
  return isListed && metadata.configuration['delta.checkpointPolicy']?.toLowerCase() === 'v2'
}

/**
 * Small actions in one file, file actions in sidecars (§ V2 Spec). Names of sidecars are of their content, so a second attempt puts the same files again and
 * none can be taken for another. A crash leaves sidecars that nothing refers to, which clean-up takes away a day later.
 */
export async function writeWithSidecars(
  store: ObjectStore,
  writer: ParquetFileWriter,
  content: CheckpointContent,
): Promise<WrittenCheckpoint> {
  const tally = new CheckpointTally()
  const sidecars = new SidecarWriter(store, writer, content, tally)
  for await (const chunk of content.files()) await sidecars.write(chunk)
  for (const sidecar of content.sidecars) {
    const same = sidecar.sizeInBytes >= keptBytesMin ? await content.sameSidecar(sidecar) : undefined
    if (same !== undefined) sidecars.keep(sidecar, same)
    else for await (const chunk of content.sidecarFiles(sidecar)) await sidecars.write(chunk)
  }
  const written = await sidecars.finish()
  const sidecarBytes = written.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0)
  const { version } = content.state
  const tags = {
    sidecarNumActions: String(tally.actions),
    sidecarSizeInBytes: String(sidecarBytes),
    numOfAddFiles: String(tally.adds),
  }
  const actions: readonly Action[] = [
    { checkpointMetadata: { version, tags } },
    ...content.actions,
    ...written.map((sidecar) => ({ sidecar })),
  ]
  // Spark does not read a checkpoint that lacks the file actions' columns, empty as they are.
  const schema = struct([...stateColumns.fields, ...sidecarSchema(content.shape).fields])
  const file = writer.open(schema)
  writeActions(file, schema, actions, tally)
  const body = file.finish()
  const key = (await wantsKnownName(store)) ? classicCheckpointKey(version) : uuidCheckpointKey(version, nameOf(body))
  await store.put(key, body)
  return { key, tally, sizeBytes: body.byteLength + sidecarBytes }
}

/** Now and then the name is one that every reader finds, to learn from the protocol in it that the table is beyond it (§ Handling Backward compatibility). */
async function wantsKnownName(store: ObjectStore): Promise<boolean> {
  const checkpoints = (await listLog(store)).filter((file) => file.kind === 'checkpoint')
  const last = checkpoints.findLastIndex(({ form }) => form !== 'uuid')
  return last === -1 || checkpoints.length - 1 - last >= unknownNamesMax
}

class SidecarWriter {
  readonly #store: ObjectStore
  readonly #writer: ParquetFileWriter
  readonly #schema: ReturnType<typeof sidecarSchema>
  readonly #tally: CheckpointTally
  readonly #sidecars: Sidecar[] = []
  #open: OpenParquetFile | undefined
  #rows = 0

  readonly #parsed: CheckpointContent['shape']['parsed']

  constructor(store: ObjectStore, writer: ParquetFileWriter, { shape }: CheckpointContent, tally: CheckpointTally) {
    this.#store = store
    this.#writer = writer
    this.#schema = sidecarSchema(shape)
    this.#tally = tally
    this.#parsed = shape.parsed
  }

  async write(chunk: FileChunk): Promise<void> {
    if (chunk.rowCount === 0) return
    this.#open ??= this.#writer.open(this.#schema)
    this.#open.write(fileBatch(this.#schema, chunk, this.#parsed))
    this.#tally.countFiles(chunk)
    this.#rows += chunk.rowCount
    if (this.#rows >= sidecarRowsMax) await this.#put()
  }

  /** Refers to one that is there. */
  keep(sidecar: Sidecar, chunks: readonly FileChunk[]): void {
    for (const chunk of chunks) this.#tally.countFiles(chunk)
    this.#sidecars.push(sidecar)
  }

  async finish(): Promise<readonly Sidecar[]> {
    await this.#put()
    return this.#sidecars
  }

  async #put(): Promise<void> {
    if (this.#open === undefined) return
    const body = this.#open.finish()
    this.#open = undefined
    this.#rows = 0
    const path = `${nameOf(body)}.parquet`
    const { storeTimeMs } = await this.#store.put(sidecarKey(path), body)
    this.#sidecars.push({ path, sizeInBytes: body.byteLength, modificationTime: Math.floor(storeTimeMs) })
  }
}

/** A UUID's form, made of the content. */
function nameOf(body: Uint8Array): string {
  const hex = sha256Hex(body)
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join('-')
}
