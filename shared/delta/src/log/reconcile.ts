import type { Action } from '../actions/action.ts'
import { fileKey } from '../actions/file-key.ts'

/**
 * Action reconciliation without a table (Delta PROTOCOL § Action Reconciliation, § Log Compaction Files): of each identity the newest action, tombstones of
 * files and domains among them; provenance, change files and what is not known have none. By identity. Pure.
 */
export function reconciled(actions: Iterable<Action>): ReadonlyMap<string, Action> {
  const newest = new Map<string, Action>()
  for (const action of actions) {
    const identity = identityOf(action)
    if (identity !== undefined) newest.set(identity, action)
  }
  return newest
}

function identityOf(action: Action): string | undefined {
  if ('add' in action) return `file ${fileKey(action.add)}`
  if ('remove' in action) return `file ${fileKey(action.remove)}`
  if ('txn' in action) return `txn ${action.txn.appId}`
  if ('domainMetadata' in action) return `domain ${action.domainMetadata.domain}`
  if ('protocol' in action) return 'protocol'
  return 'metaData' in action ? 'metaData' : undefined
}
