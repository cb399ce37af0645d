import type { History } from '../history.ts'
import type { Report } from './report.ts'
import type { Invariant } from './turn.ts'

/**
 * I6, last sentence: no data file is deleted by anyone but vacuum, not even a duplicate's.
 *
 *     I6-file-deleted  a process of Silt deleted a data file
 */
export function i6FilesStay({ deletions }: History, report: Report): void {
  for (const { table, key, by } of deletions)
    if (isSiltsProcess(by) && isDataFile(key)) report('I6-file-deleted', `${by} deleted ${key} of ${table}`)
}

/**
 * I6: a token, fresh per prepared body, tells what landed.
 *
 *     I6-token-reused  two versions carry the same token
 */
export function i6FreshTokens(): Invariant {
  const seen = new Map<string, string>()
  return ({ step, where }, report) => {
    const token = step.info?.txnId
    if (!step.isSilts || token === undefined) return
    const earlier = seen.get(token)
    if (earlier !== undefined) report('I6-token-reused', `token ${token} of ${where} landed before: ${earlier}`)
    seen.set(token, where)
  }
}

function isSiltsProcess(by: string): boolean {
  return /^(ingestor|writer|committer|operator)\b/.test(by)
}

function isDataFile(key: string): boolean {
  return key.endsWith('.parquet') && !key.startsWith('_delta_log/')
}
