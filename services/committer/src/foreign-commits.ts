import { parseCommitRecord, type CommitRecord } from '@silt/contracts'
import { isSiltError, SiltError, type ObjectStore } from '@silt/core'
import { commitInfoOf, entryFacts, readEntry, type EntryKind, type LogEntry } from '@silt/delta'
import { defaultTuning } from './committer-options.ts'

/** A foreign RESTORE or overwrite that nobody has released yet (I12): rows vanished while `txn` stayed. */
export interface Parked {
  readonly version: number
  readonly operation: string
}

/**
 * Whether the table is parked after `entries`, given that it was `parked` before them. Pure: the log alone decides, so a restart comes to the same.
 * Released by a `resume` decision, in a later version, of someone who had seen the parking version (`atVersion`).
 */
export function parkedAfter(parked: Parked | undefined, entries: readonly LogEntry[]): Parked | undefined {
  let current = parked
  for (const entry of entries) {
    const kind = foreignKind(entry)
    if (kind === 'restore' || kind === 'overwrite') {
      current = { version: entry.version, operation: commitInfoOf(entry.actions)?.operation ?? kind }
      continue
    }
    const seen = resumedAt(entry)
    if (current !== undefined && seen !== undefined && seen >= current.version) current = undefined
  }
  return current
}

/**
 * Whether the table is parked at `version`, for those who do not follow its log. `complete` is false where the log no longer reaches back far enough
 * to say that it is not. Errors: the store's, `delta/broken-log`.
 */
export async function parkingAt(
  store: ObjectStore,
  version: number,
): Promise<{ readonly parked: Parked | undefined; readonly complete: boolean }> {
  const { entries, complete } = await readBackToProgress(store, version, defaultTuning.lookBackVersionsMax)
  return { parked: parkedAfter(undefined, entries), complete }
}

/** The error of a parked table: what it is and the command that releases it. */
export function parkedError(parked: Parked): SiltError {
  return new SiltError('unsupported', 'committer/parked', parkedText(parked), { context: { version: parked.version } })
}

export function parkedText(parked: Parked): string {
  return `version ${parked.version} is a ${parked.operation} by another engine: rows may be gone while progress stayed. Nothing is committed until silt table resume`
}

/** What an engine other than Silt did; undefined for Silt's own commits and for the version that made the table. */
export function foreignKind(entry: LogEntry): EntryKind | undefined {
  return entry.version === 0 || isSilts(entry) ? undefined : entryFacts(entry).kind
}

/**
 * Entries up to `version` that may have parked the table, ascending: read backwards to the last one that proves it was not parked before
 * (units are only committed to a table that is not), to the end of what clean-up left, or `lookBackMax` versions.
 */
export async function readBackToProgress(
  store: ObjectStore,
  version: number,
  lookBackMax: number,
): Promise<{ readonly entries: readonly LogEntry[]; readonly complete: boolean }> {
  const entries: LogEntry[] = []
  for (let at = version; at >= 0; at--) {
    if (entries.length >= lookBackMax) return { entries, complete: false }
    const entry = await readEntry(store, at)
    if (entry === undefined) return { entries, complete: false }
    entries.unshift(entry)
    if ((lenientRecord(entry)?.units.length ?? 0) > 0) break
  }
  return { entries, complete: true }
}

function isSilts(entry: LogEntry): boolean {
  return lenientRecord(entry) !== undefined
}

function resumedAt(entry: LogEntry): number | undefined {
  const versions = (lenientRecord(entry)?.decisions ?? []).flatMap((each) =>
    each.kind === 'resume' ? [each.atVersion] : [],
  )
  return versions.length === 0 ? undefined : Math.max(...versions)
}

/** Another engine may carry a member of that name along: what is not Silt's record is nobody's. */
function lenientRecord(entry: LogEntry): CommitRecord | undefined {
  try {
    return parseCommitRecord(commitInfoOf(entry.actions)?.silt)
  } catch (error) {
    if (isSiltError(error)) return undefined
    throw error
  }
}
