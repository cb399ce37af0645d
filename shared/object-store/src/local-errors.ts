import { asSiltError, SiltError } from '@silt/core'

export interface LocalCall {
  readonly does: 'read' | 'write' | 'delete'
  readonly path: string
}

/** The file system's error code (`ENOENT`), empty for anything else. */
export function errnoOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : ''
}

/** True when the name leads to nothing, as an absent object's does. */
export function isAbsence(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR', 'ENAMETOOLONG'].includes(errnoOf(error))
}

/** A file system's failure as a SiltError that names the path and the remedy. */
export function localError(error: unknown, { does, path }: LocalCall): SiltError {
  if (error instanceof SiltError) return error
  const errno = errnoOf(error)
  const options = { context: { errno, path }, cause: error }
  switch (errno) {
    case '':
      return asSiltError(error)
    case 'ENOSPC':
    case 'EDQUOT':
      return new SiltError('unavailable', 'store/full', `no space left (${errno}) to write ${path}`, options)
    case 'EACCES':
    case 'EPERM':
    case 'EROFS': {
      const remedy = `let this user ${does} there, or choose another folder in DELTA_TABLE_PATH`
      return new SiltError('invalid', 'store/denied', `may not ${does} ${path} (${errno}): ${remedy}`, options)
    }
    case 'EEXIST':
    case 'EISDIR':
    case 'ENOTDIR':
    case 'ENAMETOOLONG':
    case 'ENOTEMPTY': {
      const reason = 'a file and a folder cannot share a name, and a name has at most 255 bytes'
      return new SiltError(
        'invalid',
        'store/invalid-key',
        `${path} cannot be a file here (${errno}): ${reason}`,
        options,
      )
    }
    default:
      return new SiltError('unavailable', 'store/unavailable', `cannot ${does} ${path} (${errno})`, options)
  }
}

/** The store's own folder is not there and cannot be made: below a file, or where the system makes none. */
export function noFolderError(folder: string, cause: unknown): SiltError {
  const message = `no folder can be made at ${folder} (${errnoOf(cause)}); choose another in DELTA_TABLE_PATH`
  return new SiltError('invalid', 'store/invalid-location', message, { context: { folder }, cause })
}

/** A folder whose file system has no hard links cannot refuse a second writer. */
export function noLinksError(path: string, cause: unknown): SiltError {
  return new SiltError(
    'unsupported',
    'store/no-put-if-absent',
    `the file system of ${path} has no hard links (${errnoOf(cause)}), so two writers could overwrite each other's commits; ` +
      'put DELTA_TABLE_PATH on a local disk (ext4, xfs, btrfs, apfs, ntfs), NFS, or s3://',
    { context: { path }, cause },
  )
}
