import { pathKey } from '../files/path-hash.ts'
import type { DeletionVector } from './action.ts'

/** Primary key of a logical file, `(path, deletionVector.uniqueId)`; paths that decode to the same file are the same. */
export function fileKey(file: { readonly path: string; readonly deletionVector?: DeletionVector }): string {
  const path = pathKey(file.path)
  return file.deletionVector === undefined ? path : `${path}\u0000${deletionVectorId(file.deletionVector)}`
}

/** § Derived Fields: `uniqueId`. */
export function deletionVectorId(vector: DeletionVector): string {
  const id = vector.storageType + vector.pathOrInlineDv
  return vector.offset === undefined ? id : `${id}@${vector.offset}`
}
