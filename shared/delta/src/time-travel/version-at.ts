import { SiltError, type ObjectStore, type ParquetReader } from '@silt/core'
import type { Metadata } from '../actions/action.ts'
import { commitInfoOf } from '../actions/commit-info.ts'
import { brokenLog, logChanged, noTable } from '../errors.ts'
import { commitKey, type LogFile } from '../log/file-names.ts'
import { listLog, readableVersions } from '../log/segment.ts'
import { readEntry } from '../log/tail.ts'
import { loadState } from '../snapshot/load-state.ts'

/** A version and when it was committed, ms since the Unix epoch. */
export interface TimedVersion {
  readonly version: number
  readonly timestampMs: number
}

/** Since when the commits of a table tell their times themselves (§ In-Commit Timestamps). */
interface InCommitClock {
  readonly fromVersion: number
  readonly fromMs: number
}

/**
 * The newest version not later than `timestampMs`, of those that can still be read. A table with in-commit timestamps goes by them from the version on
 * that enabled them, found by halving: some GETs, not one a version. Older versions, and all of other tables, go by the store's modification times,
 * made ascending (§ Recommendations for Readers of Tables with In-Commit Timestamps).
 *
 * Errors: `delta/version-missing` (invalid) before the oldest one, saying what the range is; `delta/no-table` (invalid); `delta/broken-log` (data)
 * for a commit without the timestamp it must have; `delta/log-changed` (unavailable); those of `loadState`.
 */
export async function versionAt(store: ObjectStore, reader: ParquetReader, timestampMs: number): Promise<number> {
  const state = await loadState(store, reader)
  if (state === undefined) throw noTable(store.location)
  const files = await listLog(store)
  const clock = inCommitClock(state.metadata)
  const oldest = readableVersions(files)?.oldest ?? 0
  const found =
    clock !== undefined && timestampMs >= clock.fromMs
      ? await byInCommitTimestamp(
          store,
          Math.min(Math.max(clock.fromVersion, oldest), state.version),
          state.version,
          timestampMs,
        )
      : byFileTime(files, { oldest, below: clock?.fromVersion ?? Infinity, timestampMs })
  if (found.kind === 'found') return found.version
  const { first } = found
  throw tooEarly(store.location, timestampMs, first ?? (await firstStamped(store, clock, oldest)))
}

type Search =
  | { readonly kind: 'found'; readonly version: number }
  /** `first`: the oldest version there is to choose from. */
  | { readonly kind: 'too-early'; readonly first: TimedVersion | undefined }

/** Halves the versions between: timestamps within commits ascend. */
async function byInCommitTimestamp(
  store: ObjectStore,
  oldest: number,
  newest: number,
  timestampMs: number,
): Promise<Search> {
  const oldestMs = await inCommitTimestampMs(store, oldest)
  if (oldestMs > timestampMs) return { kind: 'too-early', first: { version: oldest, timestampMs: oldestMs } }
  let [low, high] = [oldest, newest]
  while (low < high) {
    const middle = Math.ceil((low + high) / 2)
    if ((await inCommitTimestampMs(store, middle)) <= timestampMs) low = middle
    else high = middle - 1
  }
  return { kind: 'found', version: low }
}

function byFileTime(
  files: readonly LogFile[],
  { oldest, below, timestampMs }: { readonly oldest: number; readonly below: number; readonly timestampMs: number },
): Search {
  const timed = fileTimes(files).filter(({ version }) => version >= oldest && version < below)
  const found = timed.findLast((each) => each.timestampMs <= timestampMs)
  return found === undefined ? { kind: 'too-early', first: timed[0] } : { kind: 'found', version: found.version }
}

/** Commits with their modification times, each made later than the one before it, as other engines do. */
function fileTimes(files: readonly LogFile[]): readonly TimedVersion[] {
  let atMs = -Infinity
  const commits = files.flatMap((file) => (file.kind === 'commit' ? [file] : []))
  return commits.map(({ version, modifiedMs }) => {
    atMs = Math.max(modifiedMs, atMs + 1)
    return { version, timestampMs: atMs }
  })
}

/** Undefined where the table keeps no clock of its own. Enabled when the table was made: from its first version on. */
function inCommitClock({ configuration }: Metadata): InCommitClock | undefined {
  if (configuration['delta.enableInCommitTimestamps']?.toLowerCase() !== 'true') return undefined
  const version = Number(configuration['delta.inCommitTimestampEnablementVersion'] ?? Number.NaN)
  const ms = Number(configuration['delta.inCommitTimestampEnablementTimestamp'] ?? Number.NaN)
  const isTold = Number.isSafeInteger(version) && Number.isSafeInteger(ms)
  return isTold ? { fromVersion: version, fromMs: ms } : { fromVersion: 0, fromMs: -Infinity }
}

/** The time within the commit of `version`. Errors: `delta/broken-log` (data), `delta/log-changed` (unavailable). */
async function inCommitTimestampMs(store: ObjectStore, version: number): Promise<number> {
  const entry = await readEntry(store, version)
  if (entry === undefined) throw logChanged(store.location, commitKey(version))
  const stamp = commitInfoOf(entry.actions)?.inCommitTimestamp
  if (stamp !== undefined) return stamp
  throw brokenLog(commitKey(version), 'its commitInfo has no inCommitTimestamp, which this table promises')
}

async function firstStamped(
  store: ObjectStore,
  clock: InCommitClock | undefined,
  oldest: number,
): Promise<TimedVersion | undefined> {
  if (clock === undefined) return undefined
  const version = Math.max(clock.fromVersion, oldest)
  return { version, timestampMs: await inCommitTimestampMs(store, version) }
}

function tooEarly(location: string, timestampMs: number, first: TimedVersion | undefined): SiltError {
  const range =
    first === undefined
      ? 'none can be read'
      : `the oldest that can be read is ${first.version}, of ${iso(first.timestampMs)}`
  const message = `${location} has no version as old as ${iso(timestampMs)}; ${range}`
  return new SiltError('invalid', 'delta/version-missing', message, { context: { timestampMs } })
}

function iso(ms: number): string {
  const date = new Date(ms)
  return Number.isNaN(date.getTime()) ? `${ms} ms` : date.toISOString()
}
