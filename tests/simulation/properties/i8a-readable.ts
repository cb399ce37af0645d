import type { LandedEntry } from '../history.ts'
import type { Report } from './report.ts'

/**
 * I8a: a PUT of N+1 needs proof that N was newest. Put-if-absent also succeeds on a name that log clean-up has deleted: a commit nobody will read.
 *
 *     I8a-unreadable  a version that was there before, lies below the newest, or leaves a hole below it
 *
 * Says whether the log's readers reach the entry.
 */
export function i8aReadable(entry: LandedEntry, newestVersion: number, report: Report): boolean {
  if (entry.version === newestVersion + 1) return true
  report(
    'I8a-unreadable',
    `${entry.table} version ${entry.version} by ${entry.by} landed when ${newestVersion} was the newest`,
  )
  return false
}
