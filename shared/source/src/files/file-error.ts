import { SiltError } from '@silt/core'

export function isMissing(error: unknown): boolean {
  const code = errorCode(error)
  return code === 'ENOENT' || code === 'ENOTDIR'
}

/** A file system error as the port's (`source/denied` for missing rights, else `source/unavailable`); any other unchanged. */
export function fileError(error: unknown, path: string): unknown {
  const code = errorCode(error)
  if (error instanceof SiltError || code === undefined) return error
  const options = { context: { path, code }, cause: error }
  if (code === 'EACCES' || code === 'EPERM')
    return new SiltError('invalid', 'source/denied', `TOPICS_DIR: no right to read ${path} (${code})`, options)
  return new SiltError('unavailable', 'source/unavailable', `TOPICS_DIR: cannot read ${path} (${code})`, options)
}

function errorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}
