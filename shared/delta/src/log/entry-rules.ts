import type { Action } from '../actions/action.ts'
import { fileKey } from '../actions/file-key.ts'

/** What is wrong with the actions of one commit (Delta PROTOCOL § Delta Log Entries); empty for a valid one. Pure. */
export function entryFaults(actions: readonly Action[]): readonly string[] {
  const seen = new Map<string, number>()
  const faults: string[] = []
  actions.forEach((action, index) => {
    const identity = identityOf(action)
    if (identity === undefined) return
    const before = seen.get(identity)
    if (before !== undefined)
      faults.push(
        `more than one ${identity.replace('\u0000', ' with vector ')} (actions ${before + 1} and ${index + 1})`,
      )
    seen.set(identity, index)
  })
  return faults
}

// Actions of one identity reconcile with each other; a commit may hold one of each.
function identityOf(action: Action): string | undefined {
  if ('protocol' in action) return 'protocol action'
  if ('metaData' in action) return 'metaData action'
  if ('commitInfo' in action) return 'commitInfo action'
  if ('txn' in action) return `txn of ${action.txn.appId}`
  if ('domainMetadata' in action) return `domainMetadata of ${action.domainMetadata.domain}`
  if ('add' in action) return `add of ${action.add.path}`
  if ('remove' in action) return `remove of ${fileKey(action.remove)}`
  return undefined
}
