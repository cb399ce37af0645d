import { SiltError, type ObjectStore } from '@silt/core'
import type { CommitInfo, LogEntry } from '../actions/action.ts'
import { commitInfoOf } from '../actions/commit-info.ts'
import { listLog, listSegment } from '../log/segment.ts'
import { readEntry } from '../log/tail.ts'

export interface HistoryEntry {
  readonly version: number
  /** In-commit timestamp where there is one, else the writer's, ms; undefined where it left none. */
  readonly timestampMs: number | undefined
  readonly commitInfo: CommitInfo | undefined
  readonly entry: LogEntry
}

const historyEntriesMax = 1000

/** Newest first, `limit` versions at most (default 1000), as far back as commits are kept. */
export async function history(store: ObjectStore, options: { readonly limit?: number } = {}): Promise<HistoryEntry[]> {
  const segment = await listSegment(store)
  const entries: HistoryEntry[] = []
  const limit = options.limit ?? historyEntriesMax
  for (let version = segment?.version ?? -1; version >= 0 && entries.length < limit; version--) {
    const entry = await readEntry(store, version)
    if (entry === undefined) break
    const info = commitInfoOf(entry.actions)
    entries.push({ version, timestampMs: info?.inCommitTimestamp ?? info?.timestamp, commitInfo: info, entry })
  }
  return entries
}

/**
 * The newest version not later than `timestampMs` by the commits' times: the in-commit timestamp, else the store's modification time,
 * made ascending as the spec has it. Errors: `delta/version-missing` (invalid) for a time before the oldest kept commit.
 */
export async function versionAt(store: ObjectStore, timestampMs: number): Promise<number> {
  let found: number | undefined
  let atMs = -Infinity
  const commits = (await listLog(store)).filter((file) => file.kind === 'commit')
  const newest = commits.at(-1)?.version
  // Only where the newest commit has one is there any reason to open the others.
  const usesStamps = newest !== undefined && (await inCommitTimestamp(store, newest)) !== undefined
  for (const file of commits) {
    const stamped = usesStamps ? await inCommitTimestamp(store, file.version) : undefined
    atMs = stamped ?? Math.max(file.modifiedMs, atMs + 1)
    if (atMs > timestampMs) break
    found = file.version
  }
  if (found !== undefined) return found
  const message = `${store.location} has no version as old as ${new Date(timestampMs).toISOString()}`
  throw new SiltError('invalid', 'delta/version-missing', message, { context: { timestampMs } })
}

async function inCommitTimestamp(store: ObjectStore, version: number): Promise<number | undefined> {
  const entry = await readEntry(store, version)
  return entry === undefined ? undefined : commitInfoOf(entry.actions)?.inCommitTimestamp
}
