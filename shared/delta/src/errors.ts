import { SiltError, type ErrorContext } from '@silt/core'

/** A file of the log that breaks the protocol; `where` names the file and, for a commit, the line. */
export function brokenLog(where: string, problem: string, cause?: unknown): SiltError {
  return new SiltError('data', 'delta/broken-log', `${where}: ${problem}`, { context: { where }, cause })
}

/** What breaks the protocol in a checkpoint whose first file is `key`: what it holds can perhaps be read another way. */
export function brokenCheckpoint(key: string, { message, context, cause }: SiltError): SiltError {
  return new SiltError('data', 'delta/broken-log', message, { context: { ...context, checkpoint: key }, cause })
}

/** Versions that the log needs and does not have. */
export function logGap(location: string, problem: string, context: ErrorContext = {}): SiltError {
  return new SiltError('data', 'delta/log-gap', `${location}: ${problem}`, { context })
}

/** A state that lacks the action every table must have; `readFrom` names the files it was read from. */
export function incompleteState(
  location: string,
  version: number,
  action: 'protocol' | 'metaData',
  readFrom: string,
): SiltError {
  const code = action === 'protocol' ? 'delta/no-protocol' : 'delta/no-metadata'
  const problem = `the log up to version ${version} holds no ${action} action (read from ${readFrom}), so this is not a Delta table`
  return new SiltError('data', code, `${location}: ${problem}`, { context: { version } })
}

/** A file that was listed is gone: clean-up ran meanwhile, and reading again helps. */
export function logChanged(location: string, key: string): SiltError {
  const message = `${location}: ${key} was listed and is gone; the log is being cleaned, reading again helps`
  return new SiltError('unavailable', 'delta/log-changed', message, { context: { key } })
}

/** Nothing was ever committed there: the path is wrong, or it is too early to look. */
export function noTable(location: string): SiltError {
  const remedy = 'correct the path or DELTA_TABLE_PATH, or start Silt first, which makes it'
  return new SiltError('invalid', 'delta/no-table', `there is no Delta table at ${location}; ${remedy}`)
}
