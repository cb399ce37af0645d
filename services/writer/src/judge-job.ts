import { otherTableMessage, partitionProgress, type WriteJob, type WriteResult } from '@silt/contracts'
import type { TableState } from '@silt/delta'

/** Why a job is not worth fetching, by the log as just read; undefined: go on. A job ahead of `txn` goes on: the committer holds it. */
export function judgeJob(
  job: WriteJob,
  state: Pick<TableState, 'metadata' | 'txns'>,
): Exclude<WriteResult, { outcome: 'written' | 'decoder-died' }> | undefined {
  if (job.tableId !== state.metadata.id)
    return refusal('writer/other-table', otherTableMessage(job.tableId, state.metadata.id))
  for (const range of job.ranges) {
    const progress = partitionProgress(state.txns, job.topic, job.topicId, range.partition)
    if (progress === undefined)
      return refusal(
        'writer/not-started',
        `the table has no start for partition ${range.partition} under topic id ${job.topicId ?? 'absent'}`,
      )
    if (progress.restart !== range.restart)
      return refusal(
        'writer/other-restart',
        `partition ${range.partition} is at restart ${progress.restart}, the job is of ${range.restart}`,
      )
    if (range.start < progress.next) return Object.freeze({ outcome: 'behind' })
  }
  return undefined
}

export function refusal(code: string, message: string): Extract<WriteResult, { outcome: 'refused' }> {
  return Object.freeze({ outcome: 'refused', code, message })
}
