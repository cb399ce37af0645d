import { canonicalJson, type Json, type ObjectStore, type ParquetReader } from '@silt/core'
import type { Action } from '../actions/action.ts'
import { pathsOf, sizesOf, type FileChunk } from '../files/file-chunk.ts'
import { hashAt } from '../files/path-hash.ts'
import type { CheckpointFiles } from '../log/segment.ts'
import { readCheckpointParts } from './read-checkpoint.ts'

/** What a checkpoint holds, small enough to compare: numbers of file actions, bytes of live files, a sum over their paths, and all of the small actions. */
export class CheckpointTally {
  #adds = 0
  #addBytes = 0n
  #removes = 0
  #paths = 0
  readonly #others: string[] = []

  /** Live files. */
  get adds(): number {
    return this.#adds
  }

  /** Whether there is what every table has. */
  get isState(): boolean {
    return ['protocol', 'metaData'].every((name) => this.#others.some((each) => each.startsWith(`{"${name}"`)))
  }

  /** All actions, those of V2 checkpoints alone left out. */
  get actions(): number {
    return this.#adds + this.#removes + this.#others.length
  }

  count(action: Action): void {
    if (!('sidecar' in action) && !('checkpointMetadata' in action))
      this.#others.push(canonicalJson(JSON.parse(JSON.stringify(action)) as Json))
  }

  countFiles(chunk: FileChunk): void {
    if (chunk.kind === 'add') {
      this.#adds += chunk.rowCount
      // By halves: a sum beyond 2^53 has to be exact, and a bigint a file costs more than all else.
      const { values } = sizesOf(chunk)
      const words = new Int32Array(values.buffer, values.byteOffset, chunk.rowCount * 2)
      let low = 0
      let high = 0
      for (let row = 0; row < chunk.rowCount; row++) {
        low += (words[2 * row] as number) >>> 0
        high += words[2 * row + 1] as number
      }
      this.#addBytes += (BigInt(high) << 32n) + BigInt(low)
    } else this.#removes += chunk.rowCount
    const paths = pathsOf(chunk)
    for (let row = 0; row < chunk.rowCount; row++) this.#paths = (this.#paths + hashAt(paths, row)) >>> 0
  }

  /** Equal for checkpoints that hold the same. */
  text(): string {
    return canonicalJson([this.#adds, String(this.#addBytes), this.#removes, this.#paths, this.#others.sort()])
  }
}

/** What a checkpoint in the store holds. Errors: as `readCheckpointParts`. */
export async function tallyOfCheckpoint(
  store: ObjectStore,
  reader: ParquetReader,
  files: CheckpointFiles,
): Promise<CheckpointTally> {
  const tally = new CheckpointTally()
  for await (const { actions, adds, removes } of readCheckpointParts(store, reader, files, 'paths')) {
    for (const action of actions) tally.count(action)
    tally.countFiles(adds)
    tally.countFiles(removes)
  }
  return tally
}
