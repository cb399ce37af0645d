import type { CommitNotice } from '@silt/contracts'
import type { Log, Metrics, SaidOnce } from '@silt/core'
import type { CommitGroup } from './group-commit.ts'
import type { HeldStart, HeldUnit } from './held-jobs.ts'
import type { ProgressIndex } from './progress-index.ts'
import type { EndedJob } from './triage.ts'

/** The notice that ends a job: a hint for ingestors, with `txn` of the job's partitions as of that version. */
export function noticeOf(
  held: HeldUnit | HeldStart,
  outcome: CommitNotice['outcome'],
  at: { readonly version: number; readonly progress: ProgressIndex; readonly nextSlot: number },
): CommitNotice {
  const { job } = held
  const partitions = job.kind === 'unit' ? job.ranges.map((range) => range.partition) : [job.partition]
  const txn = partitions.flatMap((partition) => {
    const cursor = at.progress.cursor(job.topic, job.topicId, partition)
    return cursor === undefined ? [] : [[String(partition), cursor.next] as const]
  })
  const ranges = job.kind === 'unit' ? job.ranges : []
  return Object.freeze({
    outcome,
    version: at.version,
    txn: Object.fromEntries(txn),
    nextSlot: at.nextSlot,
    ranges: ranges.map(({ partition, start, endExclusive, read }) => ({ partition, start, endExclusive, read })),
  })
}

/** What a committed group means in numbers. */
export function countCommit(metrics: Metrics, label: string, group: CommitGroup, wallMs: number): void {
  const table = { table: label }
  const count = (name: string, by: number): void => (by > 0 ? metrics.count(name, table, by) : undefined)
  for (const { job } of group.units) {
    count('silt_rows_committed_total', sum(job.ranges.map((range) => range.rows)))
    count('silt_dead_letters_committed_total', sum(job.ranges.map((range) => range.deadLetters)))
    count('silt_files_committed_total', job.adds.length)
    count('silt_bytes_committed_total', sum(job.adds.map((add) => add.size)))
    metrics.observe('silt_freshness_seconds', table, Math.max(0, wallMs - job.cutAtMs) / 1000)
  }
  metrics.count('silt_commits_total', table)
  metrics.gauge('silt_last_commit_timestamp_seconds', table, wallMs / 1000)
}

/** A dropped job: counted, and logged as loudly as it is unusual. */
export function reportEnd(
  { metrics, log, otherTables }: { readonly metrics: Metrics; readonly log: Log; readonly otherTables: SaidOnce },
  label: string,
  ended: EndedJob,
): void {
  metrics.count('silt_commit_jobs_dropped_total', { table: label, reason: ended.reason })
  const { job } = ended.held
  const fields = { topic: job.topic, unit: job.kind === 'unit' ? job.unitId : 'start', reason: ended.reason }
  if (ended.reason === 'other-table' && !otherTables.isNew(job.tableId))
    log.debug(fields, 'commit job of another table, as said before')
  else if (ended.outcome === 'refused')
    log.error({ ...fields, kind: 'data' }, `commit job refused: ${ended.message ?? ended.reason}`)
  else if (ended.reason === 'duplicate') log.debug(fields, 'commit job was in already')
  else log.info(fields, 'commit job dropped, its ranges are to be planned again')
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
