import { otherTableMessage, type StartCommitJob, type UnitCommitJob } from '@silt/contracts'
import type { ColumnMapping, StructType } from '@silt/core'
import { mergeSchema } from '@silt/delta'
import type { ProgressIndex } from './progress-index.ts'

/**
 * What becomes of a commit job, given the log as last read.
 * `ready`: every range starts at `txn`. `held`: some range is ahead of it. The rest ends the job:
 * `duplicate`: all of it is in. `stale`: its ranges are to be planned again. `refused`: it belongs to another table, topic or restart.
 */
export type Verdict =
  | { readonly kind: 'ready' | 'held' | 'duplicate' }
  | { readonly kind: 'stale'; readonly reason: 'behind' | 'schema' | 'too-old' | 'partitioning' }
  | { readonly kind: 'refused'; readonly code: RefusalCode; readonly message: string }

export type RefusalCode = 'committer/other-table' | 'committer/other-topic-id' | 'committer/other-restart'

/** The table as a verdict needs it. */
export interface LedgerTable {
  readonly id: string
  readonly schema: StructType
  /** Left out where columns are not mapped. */
  readonly columnMapping?: ColumnMapping
  /** Digest of what the table asks of files beyond their schema; left out where it asks nothing. */
  readonly layout?: string
  /** As adds name them. */
  readonly partitionColumns: readonly string[]
  readonly progress: ProgressIndex
  /** Columns a table may have; a file that would bring more is stale. */
  readonly columnsMax: number
  /** Files put before this moment of the store's clock may be gone (I10a); undefined while the store has not answered yet. */
  readonly putNotBeforeMs: number | undefined
}

/** I3, I3a, I9, I10a, I13 for a unit. A partition without `txn` accepts nothing: the unit is held until its start is committed. */
export function judgeUnit(job: UnitCommitJob, table: LedgerTable): Verdict {
  const foreign = foreignTable(job.tableId, table) ?? foreignTopic(job, table)
  if (foreign !== undefined) return foreign
  let ahead = false
  let behind = false
  let allIn = true
  for (const range of job.ranges) {
    const cursor = table.progress.cursor(job.topic, job.topicId, range.partition)
    if (cursor !== undefined && cursor.restart !== range.restart) return otherRestart(range.partition, cursor.restart)
    behind ||= cursor !== undefined && range.start < cursor.next
    ahead ||= cursor === undefined || range.start > cursor.next
    allIn &&= cursor !== undefined && range.endExclusive <= cursor.next
  }
  if (allIn) return { kind: 'duplicate' }
  if (behind) return { kind: 'stale', reason: 'behind' }
  return staleFiles(job, table) ?? { kind: ahead ? 'held' : 'ready' }
}

/** I3a: a partition begins once, and never silently under a second topic id. */
export function judgeStart(job: StartCommitJob, table: LedgerTable): Verdict {
  const foreign = foreignTable(job.tableId, table) ?? foreignTopic(job, table)
  if (foreign !== undefined) return foreign
  const begun = table.progress.cursor(job.topic, job.topicId, job.partition) !== undefined
  return { kind: begun ? 'duplicate' : 'ready' }
}

/** The first reason why the unit's files must not be added to the table, whatever their ranges. */
function staleFiles(job: UnitCommitJob, table: LedgerTable): Verdict | undefined {
  if (table.putNotBeforeMs !== undefined && job.putAt < table.putNotBeforeMs)
    return { kind: 'stale', reason: 'too-old' }
  // Files of another layout have other names in them, or rows that nobody held against the table's rules.
  if (job.layout !== table.layout || widenedSchema(table.schema, job.schema, table) === undefined)
    return { kind: 'stale', reason: 'schema' }
  return job.adds.every((add) => sameNames(Object.keys(add.partitionValues), table.partitionColumns))
    ? undefined
    : { kind: 'stale', reason: 'partitioning' }
}

/** The table's schema with what the files bring (I9); undefined where they do not fit or bring too many columns. Never narrows. */
export function widenedSchema(
  table: StructType,
  file: StructType,
  { columnsMax, columnMapping }: Pick<LedgerTable, 'columnsMax' | 'columnMapping'>,
): StructType | undefined {
  const merged = mergeSchema(table, file, columnMapping)
  switch (merged.kind) {
    case 'same':
      return table
    case 'conflict':
      return undefined
    case 'widened':
      return merged.schema.fields.length <= columnsMax ? merged.schema : undefined
  }
}

function sameNames(given: readonly string[], expected: readonly string[]): boolean {
  return given.length === expected.length && expected.every((name) => given.includes(name))
}

function foreignTable(tableId: string, table: LedgerTable): Verdict | undefined {
  if (tableId === table.id) return undefined
  return {
    kind: 'refused',
    code: 'committer/other-table',
    message: otherTableMessage(tableId, table.id),
  }
}

/**
 * A partition the table knows only under other ids was deleted and made again: an operator decides (`silt partition restart`).
 * Judged by partition, because each file of a file source has an id of its own.
 */
function foreignTopic(job: UnitCommitJob | StartCommitJob, table: LedgerTable): Verdict | undefined {
  const partitions = job.kind === 'start' ? [job.partition] : job.ranges.map(({ partition }) => partition)
  for (const partition of partitions) {
    const known = table.progress.topicIds(job.topic, partition)
    if (known.size === 0 || known.has(job.topicId)) continue
    const ids = [...known].map((id) => id ?? 'none').join(', ')
    return {
      kind: 'refused',
      code: 'committer/other-topic-id',
      message: `partition ${partition} of ${job.topic} has topic id ${job.topicId ?? 'none'}, the table holds ${ids}: run silt partition restart`,
    }
  }
  return undefined
}

function otherRestart(partition: number, restart: number): Verdict {
  return {
    kind: 'refused',
    code: 'committer/other-restart',
    message: `partition ${partition} was restarted (${restart} times) since the unit was cut`,
  }
}
