import { isSiltError, type ObjectStore } from '@silt/core'
import type { Action } from '../actions/action.ts'
import { decodeEntry } from '../actions/entry-body.ts'
import { logChanged } from '../errors.ts'
import { commitKey, type CompactionFile } from './file-names.ts'
import type { LogSegment } from './segment.ts'
import { readEntry } from './tail.ts'

/** Files fetched at the same time. */
const filesAtOnce = 16

/** Actions that lead from the version before `first` to `last`: of one commit, or of a compaction of several. */
export interface SegmentEntry {
  readonly first: number
  readonly last: number
  readonly actions: readonly Action[]
}

/**
 * What follows a segment's checkpoint, oldest first. Compactions stand for their commits; one that is gone or cannot be read is passed over and its
 * commits are read (§ Log Compaction Files). The last entry is always the commit of the segment's version, by itself: a compaction keeps no
 * `commitInfo`. Where a compaction ends there the commit comes once more, which changes nothing: the newest action of each identity wins.
 * Errors: `delta/broken-log` (data) naming file and line, `delta/log-changed` (unavailable).
 */
export async function* segmentEntries(store: ObjectStore, segment: LogSegment): AsyncGenerator<SegmentEntry> {
  const reads = plannedReads(segment)
  for (let index = 0; index < reads.length; index += filesAtOnce) {
    const some = reads.slice(index, index + filesAtOnce)
    for (const entries of await Promise.all(some.map((each) => readOne(store, each)))) yield* entries
  }
}

type LogRead = number | CompactionFile

function plannedReads({ commits, compactions, version }: LogSegment): readonly LogRead[] {
  const starts = new Map(compactions.map((each) => [each.version, each]))
  const reads: LogRead[] = []
  let coveredTo = -1
  for (const commit of commits) {
    if (commit <= coveredTo && commit < version) continue
    const compaction = starts.get(commit)
    if (compaction !== undefined) coveredTo = compaction.endVersion
    if (compaction !== undefined) reads.push(compaction)
    if (compaction === undefined || commit === version) reads.push(commit)
  }
  return reads
}

async function readOne(store: ObjectStore, read: LogRead): Promise<readonly SegmentEntry[]> {
  if (typeof read === 'number') return [await readCommit(store, read)]
  const actions = await readCompaction(store, read)
  if (actions !== undefined) return [{ first: read.version, last: read.endVersion, actions }]
  const entries: SegmentEntry[] = []
  for (let version = read.version; version <= read.endVersion; version++) entries.push(await readCommit(store, version))
  return entries
}

async function readCommit(store: ObjectStore, version: number): Promise<SegmentEntry> {
  const entry = await readEntry(store, version)
  if (entry === undefined) throw logChanged(store.location, commitKey(version))
  return { first: version, last: version, actions: entry.actions }
}

/** The actions of a compaction; undefined where it is gone or cannot be read. */
async function readCompaction(store: ObjectStore, { key }: CompactionFile): Promise<readonly Action[] | undefined> {
  const found = await store.get(key)
  if (found.kind === 'missing') return undefined
  try {
    return decodeEntry(key, found.body)
  } catch (error) {
    if (isSiltError(error, 'delta/broken-log')) return undefined
    throw error
  }
}
