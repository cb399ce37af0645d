import { SiltError } from '@silt/core'
import type { Action, AddAction, CommitInfo } from '../actions/action.ts'
import type { LaidOutTable } from '../schema/table-layout.ts'
import { supportsFeature } from './supports-feature.ts'

const domain = 'delta.rowTracking'

/**
 * The actions of `version` with row ids for every file they add (Delta PROTOCOL § Row Tracking); as they are where the table does not track rows, or
 * has suspended it. An add that carries a `baseRowId` is one committed before, which keeps it.
 * Errors: `delta/no-record-count` (invalid); `delta/broken-log` (data) for a high-water mark that is none.
 */
export function rowTracking(table: LaidOutTable, version: number, actions: readonly Action[]): readonly Action[] {
  const { protocol, metadata } = table
  const isSuspended = metadata.configuration['delta.rowTrackingSuspended']?.toLowerCase() === 'true'
  if (!supportsFeature(protocol, 'rowTracking') || isSuspended) return actions
  const isEnabled = metadata.configuration['delta.enableRowTracking']?.toLowerCase() === 'true'
  const before = highWaterMark(table, actions)
  let mark = before
  const tracked = actions.map((action): Action => {
    if ('commitInfo' in action && isEnabled && keepsRows(actions)) return preserving(action.commitInfo)
    if (!('add' in action) || action.add.baseRowId !== undefined) return action
    const baseRowId = mark + 1
    mark += recordCount(action.add)
    return { add: { ...action.add, baseRowId, defaultRowCommitVersion: version } }
  })
  if (mark === before) return tracked
  const configuration = JSON.stringify({ rowIdHighWaterMark: mark })
  const others = tracked.filter((action) => !isMark(action))
  return [...others, { domainMetadata: { domain, configuration, removed: false } }]
}

/** The highest row id given so far, -1 before any: as the table has it, or as the commit itself reserves it. */
function highWaterMark({ domains }: LaidOutTable, actions: readonly Action[]): number {
  const given = actions.flatMap((action) => (isMark(action) ? [action.domainMetadata.configuration] : []))
  const known = domains.get(domain)?.configuration
  return Math.max(-1, ...[...(known === undefined ? [] : [known]), ...given].map(markOf))
}

function markOf(configuration: string): number {
  try {
    const mark = (JSON.parse(configuration) as { readonly rowIdHighWaterMark?: unknown } | null)?.rowIdHighWaterMark
    if (Number.isSafeInteger(mark)) return mark as number
  } catch {
    // Named below.
  }
  const message = `the domain ${domain} holds no rowIdHighWaterMark below 2^53: ${configuration.slice(0, 200)}; nothing was written`
  throw new SiltError('data', 'delta/broken-log', message)
}

function isMark(action: Action): action is Extract<Action, { readonly domainMetadata: unknown }> {
  return 'domainMetadata' in action && action.domainMetadata.domain === domain
}

/** No row is updated or copied where nothing is removed. */
function keepsRows(actions: readonly Action[]): boolean {
  return !actions.some((action) => 'remove' in action)
}

function preserving(info: CommitInfo): Action {
  return { commitInfo: { ...info, tags: { ...info.tags, 'delta.rowTracking.preserved': 'true' } } }
}

function recordCount({ path, stats }: AddAction): number {
  try {
    const { numRecords } = JSON.parse(stats ?? '{}') as { readonly numRecords?: unknown }
    if (Number.isSafeInteger(numRecords) && (numRecords as number) >= 0) return numRecords as number
  } catch {
    // Named below.
  }
  const message = `${path} has no numRecords in its statistics, without which its rows get no ids; nothing was written`
  throw new SiltError('invalid', 'delta/no-record-count', message, { context: { path } })
}
