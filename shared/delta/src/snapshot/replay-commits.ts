import type { ObjectStore } from '@silt/core'
import type {
  Action,
  AddAction,
  DomainMetadata,
  Metadata,
  Protocol,
  RemoveAction,
  TxnAction,
} from '../actions/action.ts'
import { segmentTally, type SegmentTally } from '../checksum/check-state.ts'
import { emptyFileSet } from '../files/file-set.ts'
import { FileTable } from '../files/file-table.ts'
import { segmentEntries } from '../log/segment-entries.ts'
import type { LogSegment } from '../log/segment.ts'

/** Files that commits added and removed, by the newest word on each: none is in both. */
export interface FileTables {
  readonly adds: FileTable<AddAction>
  readonly removes: FileTable<RemoveAction>
}

/** What the commits of a segment say; whatever its checkpoint says of the same is older. */
export interface ReplayedCommits {
  readonly protocol: Protocol | undefined
  readonly metadata: Metadata | undefined
  readonly txns: ReadonlyMap<string, TxnAction>
  /** With the removed ones. */
  readonly domains: ReadonlyMap<string, DomainMetadata>
  /** Undefined where no file list is wanted. */
  readonly files: FileTables | undefined
  /** Actions of the segment's newest commit; undefined where only the checkpoint is left. */
  readonly newest: readonly Action[] | undefined
  /** What the entries tell of the live files, counted beside the replay. */
  readonly tallies: SegmentTally
}

/** Replays the commits of a segment. Memory: the files they touch. Errors: as `segmentEntries`. */
export async function replayCommits(
  store: ObjectStore,
  segment: LogSegment,
  keep: 'files' | 'no-files',
): Promise<ReplayedCommits> {
  let protocol: Protocol | undefined
  let metadata: Metadata | undefined
  const txns = new Map<string, TxnAction>()
  const domains = new Map<string, DomainMetadata>()
  const files = keep === 'files' ? emptyTables() : undefined
  const tallies = segmentTally(segment)
  let newest: readonly Action[] | undefined
  for await (const entry of segmentEntries(store, segment)) {
    for (const action of entry.actions) {
      if ('protocol' in action) protocol = action.protocol
      else if ('metaData' in action) metadata = action.metaData
      else if ('txn' in action) txns.set(action.txn.appId, action.txn)
      else if ('domainMetadata' in action) domains.set(action.domainMetadata.domain, action.domainMetadata)
      else if (files !== undefined) replayFile(files, action)
    }
    tallies.whole?.take(entry)
    tallies.sinceChecksum?.take(entry)
    newest = entry.actions
  }
  return { protocol, metadata, txns, domains, files, newest, tallies }
}

export function emptyTables(): FileTables {
  return { adds: new FileTable('add', emptyFileSet()), removes: new FileTable('remove', emptyFileSet()) }
}

/** One more file action, newer than all before it; others are passed over. */
export function replayFile({ adds, removes }: FileTables, action: Action): void {
  if ('add' in action) {
    removes.delete(action.add)
    adds.put(action.add)
  } else if ('remove' in action) {
    adds.delete(action.remove)
    removes.put(action.remove)
  }
}
