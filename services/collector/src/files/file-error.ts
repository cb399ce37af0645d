import { SiltError } from '@silt/core'

/** A file system error as the sink's, naming TOPICS_DIR and the path; any other unchanged. */
export function fileError(error: unknown, path: string): unknown {
  if (error instanceof SiltError || !(error instanceof Error) || !('code' in error)) return error
  const code = String(error.code)
  const options = { context: { path, code }, cause: error }
  if (['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST', 'EISDIR'].includes(code))
    return new SiltError('invalid', 'collector/denied', `TOPICS_DIR: ${path} cannot be written here (${code})`, options)
  return new SiltError('ambiguous', 'collector/cannot-write', `TOPICS_DIR: cannot write ${path} (${code})`, options)
}
