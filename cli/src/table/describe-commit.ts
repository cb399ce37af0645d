import { parseCommitRecord, type Decision } from '@silt/contracts'
import { isSiltError } from '@silt/core'
import { commitInfoOf, type CommitInfo, type LogEntry } from '@silt/delta'
import { numRecords } from './count-rows.ts'

/** What one commit did, as `silt table history` prints it. */
export interface CommitDescription {
  readonly version: number
  /** ISO time of its writer's clock; null where it left none that is one. */
  readonly at: string | null
  readonly operation: string | null
  /** The writer and its version, as it names itself. */
  readonly engine: string | null
  /** The operator, where an operator's decision is recorded. */
  readonly by: string | null
  readonly decisions: readonly string[]
  readonly files: number
  readonly filesRemoved: number
  /** Null where a file that came or went has no statistics. */
  readonly rows: number | null
  readonly rowsRemoved: number | null
}

export function describeCommit(entry: LogEntry, timestampMs: number | undefined): CommitDescription {
  const info = commitInfoOf(entry.actions)
  const adds = entry.actions.flatMap((action) => ('add' in action ? [action.add.stats] : []))
  const removes = entry.actions.flatMap((action) => ('remove' in action ? [action.remove.stats] : []))
  const decisions = decisionsOf(info?.silt)
  return {
    version: entry.version,
    at: isoTime(timestampMs),
    operation: info?.operation ?? null,
    engine: info?.engineInfo ?? null,
    by: decisions[0]?.by ?? restoredBy(info) ?? null,
    decisions: [...decisions.map(decisionText), ...restoreTexts(info)],
    files: adds.length,
    filesRemoved: removes.length,
    rows: total(adds),
    rowsRemoved: total(removes),
  }
}

/** Null for a time beyond those that have a date: some engines count in smaller units. */
function isoTime(ms: number | undefined): string | null {
  const date = new Date(ms ?? Number.NaN)
  return Number.isNaN(date.getTime()) ? null : date.toISOString()
}

export function commitLine(commit: CommitDescription): string {
  const { version, at, operation, engine, by, decisions } = commit
  const who = by === null ? (engine ?? 'unnamed') : `${by} (${engine ?? 'unnamed'})`
  const change = [
    counted('+', commit.files, commit.rows),
    ...(commit.filesRemoved > 0 ? [counted('-', commit.filesRemoved, commit.rowsRemoved)] : []),
    ...decisions,
  ]
  return [String(version).padStart(8), (at ?? '-').padEnd(24), operation ?? '-', who, change.join(', ')].join('  ')
}

/** A record that another engine carries along, or a broken one, is not Silt's. */
function decisionsOf(silt: unknown): readonly Decision[] {
  try {
    return parseCommitRecord(silt)?.decisions ?? []
  } catch (error) {
    if (isSiltError(error)) return []
    throw error
  }
}

function decisionText(decision: Decision): string {
  const place = 'partition' in decision ? ` partition ${decision.partition}` : ''
  const reason = 'reason' in decision && decision.reason !== '' ? `: ${decision.reason}` : ''
  return `${decision.kind}${place}${reason}`
}

/** A restore of ours says in its parameters who and why. */
function restoredBy(info: CommitInfo | undefined): string | undefined {
  const by = info?.operation === 'RESTORE' ? info.operationParameters?.['by'] : undefined
  return typeof by === 'string' ? by : undefined
}

function restoreTexts(info: CommitInfo | undefined): readonly string[] {
  if (info?.operation !== 'RESTORE') return []
  const { version, reason } = info.operationParameters ?? {}
  const why = typeof reason === 'string' && reason !== '' ? `: ${reason}` : ''
  return [
    `back to ${typeof version === 'string' || typeof version === 'number' ? `version ${version}` : 'an older version'}${why}`,
  ]
}

function counted(sign: string, files: number, rows: number | null): string {
  return `${sign}${files} files ${sign}${rows ?? '?'} rows`
}

function total(stats: readonly (string | undefined)[]): number | null {
  const counts = stats.map(numRecords)
  return counts.includes(null) ? null : counts.reduce<number>((sum, count) => sum + (count ?? 0), 0)
}
