import type { ObjectStore } from '@silt/core'
import { lastCheckpointKey } from './file-names.ts'

/** Delta PROTOCOL § Last Checkpoint File Schema, as far as it is used. */
export interface LastCheckpoint {
  readonly version: number
  /** Actions in the checkpoint. */
  readonly size: number
  readonly sizeInBytes?: number
  readonly numOfAddFiles?: number
}

/** The hint's version; undefined where it is missing or makes no sense: it is only a hint, and LIST knows better. */
export async function readCheckpointHint(store: ObjectStore): Promise<number | undefined> {
  const found = await store.get(lastCheckpointKey)
  if (found.kind === 'missing') return undefined
  try {
    const { version } = JSON.parse(new TextDecoder().decode(found.body)) as { version?: unknown }
    return Number.isSafeInteger(version) && (version as number) >= 0 ? (version as number) : undefined
  } catch {
    return undefined
  }
}

/** Replaces the hint. Two writers may race: readers list from either one and find what is newer. */
export async function writeCheckpointHint(store: ObjectStore, hint: LastCheckpoint): Promise<void> {
  await store.put(lastCheckpointKey, new TextEncoder().encode(JSON.stringify(hint)))
}
