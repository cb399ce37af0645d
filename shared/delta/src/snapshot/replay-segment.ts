import { isSiltError, shouldRetry, type ObjectStore, type ParquetReader, type SiltError } from '@silt/core'
import type { Action, AddAction, RemoveAction } from '../actions/action.ts'
import { commitInfoOf } from '../actions/commit-info.ts'
import { readCheckpointParts } from '../checkpoint/read-checkpoint.ts'
import type { SegmentTally } from '../checksum/check-state.ts'
import { incompleteState } from '../errors.ts'
import type { FileSet } from '../files/file-set.ts'
import { untouched } from '../files/file-table.ts'
import { segmentText, type LogSegment } from '../log/segment.ts'
import { readEntry } from '../log/tail.ts'
import { requireReplayable } from '../protocol/negotiation.ts'
import { parseSchema } from '../schema/parse-schema.ts'
import { emptyTables, replayCommits, type ReplayedCommits } from './replay-commits.ts'
import { newReplay, replayAction, type Replay } from './replay.ts'
import { entryDigest, type TableState } from './table-state.ts'

/** Tries again after a clean-up took away what was listed, this many times. */
const listingsMax = 3

export interface ReplayedSegment {
  readonly replay: Pick<Replay, 'protocol' | 'metadata' | 'txns' | 'domains'>
  /** Undefined where none were wanted. */
  readonly files: { readonly adds: FileSet<AddAction>; readonly removes: FileSet<RemoveAction> } | undefined
  /** Actions of the segment's newest commit; undefined where only the checkpoint is left. */
  readonly newest: readonly Action[] | undefined
  /** What the entries tell of the live files, counted beside the replay. */
  readonly tallies: SegmentTally
}

/**
 * Replays checkpoint and commits of a segment: the commits first, so that of the checkpoint's files only those are kept that nothing newer touches.
 * Errors: `delta/broken-log`, `delta/log-changed`.
 */
export async function replaySegment(
  store: ObjectStore,
  reader: ParquetReader,
  segment: LogSegment,
  keep: 'files' | 'no-files',
): Promise<ReplayedSegment> {
  const commits = await replayCommits(store, segment, keep)
  const replay = newReplay('no-files')
  const files = commits.files && emptyTables()
  if (segment.checkpoint !== undefined)
    for await (const part of readCheckpointParts(store, reader, segment.checkpoint, keep)) {
      for (const action of part.actions) replayAction(replay, action)
      if (files === undefined || commits.files === undefined) continue
      const later = [commits.files.adds, commits.files.removes]
      files.adds.append(untouched(part.adds, later))
      files.removes.append(untouched(part.removes, later))
    }
  replayLater(replay, commits)
  if (files !== undefined && commits.files !== undefined) {
    files.adds.appendAll(commits.files.adds)
    files.removes.appendAll(commits.files.removes)
  }
  return {
    replay,
    files: files && { adds: files.adds.freeze(), removes: files.removes.freeze() },
    newest: commits.newest ?? (await readEntry(store, segment.version))?.actions,
    tallies: commits.tallies,
  }
}

/** What commits say, on top of what their checkpoint says. */
export function replayLater(replay: Replay, { protocol, metadata, txns, domains }: ReplayedCommits): void {
  if (protocol !== undefined) replay.protocol = protocol
  if (metadata !== undefined) replay.metadata = metadata
  for (const txn of txns.values()) replayAction(replay, { txn })
  for (const domainMetadata of domains.values()) replayAction(replay, { domainMetadata })
}

/** The state a replay amounts to; `unreadable`: checkpoints that were passed over. Errors: `delta/no-protocol`, `delta/no-metadata` (data), those of `requireReplayable` and `parseSchema`. */
export function stateOf(
  location: string,
  segment: LogSegment,
  replayed: ReplayedSegment,
  unreadable: ReadonlySet<string> = new Set(),
): TableState {
  const { protocol, metadata, txns, domains } = replayed.replay
  if (protocol === undefined) throw incompleteState(location, segment.version, 'protocol', segmentText(segment))
  requireReplayable(location, protocol)
  if (metadata === undefined) throw incompleteState(location, segment.version, 'metaData', segmentText(segment))
  const inCommitTimestampMs = replayed.newest && commitInfoOf(replayed.newest)?.inCommitTimestamp
  const timed = [...txns.values()].flatMap((txn) =>
    txn.lastUpdated === undefined ? [] : [[txn.appId, txn.lastUpdated] as const],
  )
  return Object.freeze({
    version: segment.version,
    protocol,
    metadata,
    schema: parseSchema(metadata.schemaString),
    txns: new Map([...txns].map(([appId, txn]) => [appId, txn.version])),
    ...(timed.length === 0 ? {} : { txnTimes: new Map(timed) }),
    domains: new Map(domains),
    ...(inCommitTimestampMs === undefined ? {} : { inCommitTimestampMs }),
    ...(segment.checkpoint === undefined ? {} : { checkpointVersion: segment.checkpoint.version }),
    ...(replayed.newest === undefined ? {} : { commitDigest: entryDigest(replayed.newest) }),
    ...(unreadable.size === 0 ? {} : { unreadableCheckpoints: [...unreadable] }),
  })
}

/**
 * Runs `load` again, from a new LIST, when the log was being cleaned under it, and where a checkpoint cannot be read, to do without it: older ones and
 * commits say the same, where they are still there. Where they are not, the error is that of the checkpoint.
 */
export async function relisting<T>(load: (without: ReadonlySet<string>) => Promise<T>): Promise<T> {
  const without = new Set<string>()
  let first: SiltError | undefined
  for (let listing = 1; ;) {
    try {
      const loaded = await load(without)
      if (loaded === undefined && first !== undefined) throw first
      return loaded
    } catch (error) {
      if (isSiltError(error, 'delta/log-changed') && listing++ < listingsMax) continue
      if (!isSiltError(error) || shouldRetry(error)) throw error
      const key = error.context['checkpoint']
      if (typeof key !== 'string' || without.has(key)) throw first ?? error
      first ??= error
      without.add(key)
    }
  }
}
