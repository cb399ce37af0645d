import type { Action, CommitInfo, LogEntry } from '../actions/action.ts'
import { commitInfoOf } from '../actions/commit-info.ts'
import { fileKey } from '../actions/file-key.ts'

/**
 * What a commit did to the table's rows, worst first: `restore` and `overwrite` park the table for an operator (I12), `removes-data` is
 * reported by the audit, the rest leaves ingest untouched. `metadata`: no file action at all.
 */
export type EntryKind = 'restore' | 'overwrite' | 'removes-data' | 'rearranges' | 'appends' | 'metadata' | 'progress'

/** Everything a rebase must know of a commit that won. */
export interface EntryFacts {
  readonly kind: EntryKind
  readonly operation: string | undefined
  readonly changesMetadata: boolean
  readonly changesProtocol: boolean
  /** Application ids whose `txn` it sets: the same one in two concurrent commits is a conflict. */
  readonly appIds: ReadonlySet<string>
  /** Domains it touches: the same one in two concurrent commits is a conflict. */
  readonly domains: ReadonlySet<string>
  readonly addedFiles: number
  readonly removedFiles: number
  /** Keys of the logical files it removes, see `fileKey`. */
  readonly removedKeys: ReadonlySet<string>
  /** The id its `metaData` gives the table; undefined where it has none. */
  readonly tableId: string | undefined
}

/** Pure; by `commitInfo.operation`, then by what the file actions say themselves. */
export function entryFacts(entry: LogEntry): EntryFacts {
  const info = commitInfoOf(entry.actions)
  const facts = {
    changesMetadata: entry.actions.some((each) => 'metaData' in each),
    changesProtocol: entry.actions.some((each) => 'protocol' in each),
    appIds: new Set(entry.actions.flatMap((each) => ('txn' in each ? [each.txn.appId] : []))),
    domains: new Set(entry.actions.flatMap((each) => ('domainMetadata' in each ? [each.domainMetadata.domain] : []))),
    addedFiles: entry.actions.filter((each) => 'add' in each).length,
    removedFiles: entry.actions.filter((each) => 'remove' in each).length,
    removedKeys: new Set(entry.actions.flatMap((each) => ('remove' in each ? [fileKey(each.remove)] : []))),
    tableId: entry.actions.find((each) => 'metaData' in each)?.metaData.id,
  }
  return Object.freeze({ kind: kindOf(entry.actions, info), operation: info?.operation, ...facts })
}

function kindOf(actions: readonly Action[], info: CommitInfo | undefined): EntryKind {
  const operation = info?.operation?.toUpperCase() ?? ''
  if (operation === 'RESTORE') return 'restore'
  const removesData = actions.some((each) => 'remove' in each && each.remove.dataChange)
  // Without a removal an overwrite replaced nothing: that is how many engines make a table.
  if (removesData) return isOverwrite(operation, info) ? 'overwrite' : 'removes-data'
  if (actions.some((each) => 'remove' in each || ('add' in each && !each.add.dataChange))) return 'rearranges'
  if (actions.some((each) => 'add' in each)) return 'appends'
  const describes = actions.some((each) => 'metaData' in each || 'protocol' in each || 'domainMetadata' in each)
  return describes ? 'metadata' : 'progress'
}

function isOverwrite(operation: string, info: CommitInfo | undefined): boolean {
  if (operation.includes('REPLACE TABLE')) return true
  const mode = info?.operationParameters?.['mode']
  return typeof mode === 'string' && mode.toUpperCase() === 'OVERWRITE'
}
