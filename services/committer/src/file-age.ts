import { SiltError } from '@silt/core'
import { deletedFileRetentionMs, type Metadata } from '@silt/delta'

const fileAgeHighestMs = 3_600_000
/** Below it units could be too old by the time they are committed, each time they are written. */
const fileAgeLowestMs = 60_000

/** Store time before which a put is too old to commit its file to a table of `tables`; undefined while the store has not answered. */
export function putNotBeforeMs(tables: readonly Metadata[], newestAnswerMs: number | undefined): number | undefined {
  return newestAnswerMs === undefined ? undefined : newestAnswerMs - Math.min(...tables.map(fileAgeMaxMs))
}

/** How old an uncommitted file may be (I10a): the smaller of one hour and a quarter of `delta.deletedFileRetentionDuration`. */
function fileAgeMaxMs(metadata: Metadata): number {
  return Math.min(fileAgeHighestMs, deletedFileRetentionMs(metadata) / 4)
}

/** Throws `committer/retention-too-short` (invalid) where no unit can be relied on to be committed while its files are safe (I10a). */
export function requireRetention(metadata: Metadata, location: string): void {
  if (fileAgeMaxMs(metadata) >= fileAgeLowestMs) return
  throw new SiltError(
    'invalid',
    'committer/retention-too-short',
    `delta.deletedFileRetentionDuration of the table at ${location} is ${metadata.configuration['delta.deletedFileRetentionDuration']}: a vacuum could ` +
      `delete files before they are committed. Set it to at least ${(4 * fileAgeLowestMs) / 1000} seconds, better a week`,
    { context: { tableId: metadata.id } },
  )
}
