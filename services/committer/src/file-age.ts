import { deletedFileRetentionMs, type Metadata } from '@silt/delta'

const fileAgeHighestMs = 3_600_000

/** Store time before which a put is too old to commit its file; undefined while the store has not answered. */
export function putNotBeforeMs(metadata: Metadata, newestAnswerMs: number | undefined): number | undefined {
  return newestAnswerMs === undefined ? undefined : newestAnswerMs - fileAgeMaxMs(metadata)
}

/** How old an uncommitted file may be (I10a): the smaller of one hour and a quarter of `delta.deletedFileRetentionDuration`. */
function fileAgeMaxMs(metadata: Metadata): number {
  return Math.min(fileAgeHighestMs, deletedFileRetentionMs(metadata) / 4)
}
