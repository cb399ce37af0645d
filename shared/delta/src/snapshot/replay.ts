import type {
  Action,
  AddAction,
  DomainMetadata,
  Metadata,
  Protocol,
  RemoveAction,
  TxnAction,
} from '../actions/action.ts'
import { fileKey } from '../actions/file-key.ts'

/**
 * The fold of a log (Delta PROTOCOL § Action Reconciliation): the newest action of each identity wins. Mutable while it is being built.
 *
 * 1. A logical file is in `adds` or in `removes`, never in both.
 * 2. Without `files`, file actions are passed over and memory does not grow with the table.
 */
export interface Replay {
  protocol: Protocol | undefined
  metadata: Metadata | undefined
  readonly txns: Map<string, TxnAction>
  /** Without the removed ones. */
  readonly domains: Map<string, DomainMetadata>
  readonly files: ReplayedFiles | undefined
}

export interface ReplayedFiles {
  readonly adds: Map<string, AddAction>
  readonly removes: Map<string, RemoveAction>
}

export function newReplay(keep: 'files' | 'no-files'): Replay {
  const files = keep === 'files' ? { adds: new Map(), removes: new Map() } : undefined
  return { protocol: undefined, metadata: undefined, txns: new Map(), domains: new Map(), files }
}

/** Takes one more action, oldest first; actions without a place in the state (provenance, change files) are passed over. */
export function replayAction(replay: Replay, action: Action): void {
  if ('protocol' in action) replay.protocol = action.protocol
  else if ('metaData' in action) replay.metadata = action.metaData
  else if ('txn' in action) replay.txns.set(action.txn.appId, action.txn)
  else if ('domainMetadata' in action) replayDomain(replay, action.domainMetadata)
  else if (replay.files !== undefined) replayFile(replay.files, action)
}

function replayDomain(replay: Replay, domain: DomainMetadata): void {
  if (domain.removed) replay.domains.delete(domain.domain)
  else replay.domains.set(domain.domain, domain)
}

function replayFile(files: ReplayedFiles, action: Action): void {
  if ('add' in action) {
    const key = fileKey(action.add)
    files.adds.set(key, action.add)
    files.removes.delete(key)
  } else if ('remove' in action) {
    const key = fileKey(action.remove)
    files.adds.delete(key)
    files.removes.set(key, action.remove)
  }
}
