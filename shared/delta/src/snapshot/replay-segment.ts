import { isSiltError, type ObjectStore, type ParquetReader } from '@silt/core'
import type { Action } from '../actions/action.ts'
import { commitInfoOf } from '../actions/commit-info.ts'
import { readCheckpoint } from '../checkpoint/read-checkpoint.ts'
import { segmentTally, type SegmentTally } from '../checksum/check-state.ts'
import { incompleteState } from '../errors.ts'
import { segmentEntries } from '../log/segment-entries.ts'
import type { LogSegment } from '../log/segment.ts'
import { readEntry } from '../log/tail.ts'
import { requireReplayable } from '../protocol/negotiation.ts'
import { parseSchema } from '../schema/parse-schema.ts'
import { newReplay, replayAction, type Replay } from './replay.ts'
import { entryDigest, type TableState } from './table-state.ts'

/** Tries again after a clean-up took away what was listed, this many times. */
const listingsMax = 3

export interface ReplayedSegment {
  readonly replay: Replay
  /** Actions of the segment's newest commit; undefined where only the checkpoint is left. */
  readonly newest: readonly Action[] | undefined
  /** What the entries tell of the live files, counted beside the replay. */
  readonly tallies: SegmentTally
}

/** Replays checkpoint and commits of a segment. Errors: `delta/broken-log`, `delta/log-changed`. */
export async function replaySegment(
  store: ObjectStore,
  reader: ParquetReader,
  segment: LogSegment,
  keep: 'files' | 'no-files',
): Promise<ReplayedSegment> {
  const replay = newReplay(keep)
  if (segment.checkpoint !== undefined)
    for await (const action of readCheckpoint(store, reader, segment.checkpoint, keep)) replayAction(replay, action)
  let newest: readonly Action[] | undefined
  const tallies = segmentTally(segment)
  for await (const entry of segmentEntries(store, segment)) {
    for (const action of entry.actions) replayAction(replay, action)
    tallies.whole?.take(entry)
    tallies.sinceChecksum?.take(entry)
    newest = entry.actions
  }
  newest ??= (await readEntry(store, segment.version))?.actions
  return { replay, newest, tallies }
}

/** The state a replay amounts to. Errors: `delta/no-protocol`, `delta/no-metadata` (data), those of `requireReplayable` and `parseSchema`. */
export function stateOf(location: string, segment: LogSegment, replayed: ReplayedSegment): TableState {
  const { protocol, metadata, txns, domains } = replayed.replay
  if (protocol === undefined) throw incompleteState(location, segment.version, 'protocol')
  requireReplayable(location, protocol)
  if (metadata === undefined) throw incompleteState(location, segment.version, 'metaData')
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
  })
}

/** Runs `load` again, from a new LIST, when the log was being cleaned under it. */
export async function relisting<T>(load: () => Promise<T>): Promise<T> {
  for (let listing = 1; ; listing++) {
    try {
      return await load()
    } catch (error) {
      if (!isSiltError(error, 'delta/log-changed') || listing === listingsMax) throw error
    }
  }
}
