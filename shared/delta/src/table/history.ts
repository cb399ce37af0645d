import type { ObjectStore } from '@silt/core'
import type { CommitInfo, LogEntry } from '../actions/action.ts'
import { commitInfoOf } from '../actions/commit-info.ts'
import { listSegment } from '../log/segment.ts'
import { readEntry } from '../log/tail.ts'

/** One version as its commit tells it. */
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
