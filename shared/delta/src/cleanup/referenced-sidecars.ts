import { isSiltError, type ObjectStore, type ParquetReader } from '@silt/core'
import { readCheckpointParts, sidecarOf } from '../checkpoint/read-checkpoint.ts'
import type { LogFile } from '../log/file-names.ts'

/** Tells whether a sidecar must stay. */
export interface ReferencedSidecars {
  has(key: string): boolean
}

const everySidecar: ReferencedSidecars = Object.freeze({ has: () => true })

/**
 * The sidecars that any checkpoint of the listed log refers to (Delta PROTOCOL § Metadata Cleanup, step 4). Where one of them cannot be read nobody
 * knows what it refers to, and every sidecar counts as referenced. Errors: `delta/log-changed` (unavailable) and the store's.
 */
export async function referencedSidecars(
  store: ObjectStore,
  reader: ParquetReader,
  files: readonly LogFile[],
): Promise<ReferencedSidecars> {
  const found = new Set<string>()
  for (const file of files) {
    // A part is of a V1 checkpoint, which has none.
    if (file.kind !== 'checkpoint' || file.form === 'part') continue
    const checkpoint = { version: file.version, keys: [file.key] }
    try {
      for await (const { actions } of readCheckpointParts(store, reader, checkpoint, 'no-files'))
        for (const action of actions) if ('sidecar' in action) found.add(sidecarOf(action.sidecar.path))
    } catch (error) {
      if (isSiltError(error, 'delta/broken-log')) return everySidecar
      throw error
    }
  }
  return found
}
