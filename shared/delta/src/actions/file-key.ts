import type { DeletionVector } from './action.ts'

/** Primary key of a logical file, `(path, deletionVector.uniqueId)`; paths that decode to the same file are the same. */
export function fileKey(file: { readonly path: string; readonly deletionVector?: DeletionVector }): string {
  const path = decoded(file.path)
  return file.deletionVector === undefined ? path : `${path}\u0000${deletionVectorId(file.deletionVector)}`
}

function deletionVectorId(vector: DeletionVector): string {
  const id = vector.storageType + vector.pathOrInlineDv
  return vector.offset === undefined ? id : `${id}@${vector.offset}`
}

// Replay must not fail on a path that some writer left unencoded: its text is then its key.
function decoded(path: string): string {
  if (!path.includes('%')) return path
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}
