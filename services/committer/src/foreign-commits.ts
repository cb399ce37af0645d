import { fromProgress, hasProgress, parseCommitRecord, type CommitRecord } from '@silt/contracts'
import { isSiltError, SiltError, type ObjectStore } from '@silt/core'
import {
  commitInfoOf,
  conflictWith,
  entriesDown,
  entryFacts,
  type CommitIntent,
  type ConflictVerdict,
  type EntryKind,
  type LogEntry,
  type TableState,
} from '@silt/delta'
import { defaultTuning } from './committer-options.ts'

/**
 * A foreign RESTORE or overwrite that nobody has released yet (I12): rows vanished while `txn` stayed. `operation` undefined: the log was cleaned up to
 * `version`, and nothing left in it tells that there was none.
 */
export interface Parked {
  readonly version: number
  readonly operation: string | undefined
}

/** What a stand is read from: the newest version, and the progress that a RESTORE leaves. Without any nothing of Silt's can be gone, and nothing parks. */
export type Progressed = Pick<TableState, 'version' | 'txns'>

/**
 * Whether the table is parked after `entries`, given that it was `parked` before them. Pure: the log alone decides, so a restart comes to the same.
 * Released by a `resume` decision, in a later version, of someone who had seen the parking version (`atVersion`). What a committer put later, or an
 * adoption, tells that it did not park: there was no progress yet.
 */
export function parkedAfter(parked: Parked | undefined, entries: readonly LogEntry[]): Parked | undefined {
  let current = parked
  for (const entry of entries) {
    const verdict = verdictOn(entry)
    if (verdict?.kind === 'park') {
      current = { version: entry.version, operation: commitInfoOf(entry.actions)?.operation ?? verdict.reason }
      continue
    }
    if (provesUnparked(entry)) current = undefined
    const seen = resumedAt(entry)
    if (current !== undefined && seen !== undefined && seen >= current.version) current = undefined
  }
  return current
}

/** Whether the table is parked as of `state`, for those who do not follow its log. Errors: the store's, `delta/broken-log`. */
export async function parkingAt(store: ObjectStore, state: Progressed): Promise<Parked | undefined> {
  const { before, entries } = await lookBack(store, state, defaultTuning.lookBackVersionsMax)
  return hasProgress(state.txns) ? parkedAfter(before, entries) : undefined
}

/**
 * The oldest version that telling whether the table is parked still reads: whoever cleans the log keeps it and all after it, or the table would count as
 * parked. Undefined where nothing of Silt's can be gone. Errors: the store's, `delta/broken-log`.
 */
export async function parkingReadFrom(store: ObjectStore, { version, txns }: Progressed): Promise<number | undefined> {
  if (!hasProgress(txns)) return undefined
  const above = Math.max(-1, version - defaultTuning.lookBackVersionsMax)
  for await (const entry of entriesDown(store, version, above)) if (provesUnparked(entry)) return entry.version
  return 0
}

/** The error of a parked table: what it is and the command that releases it. */
export function parkedError(parked: Parked): SiltError {
  return new SiltError('unsupported', 'committer/parked', parkedText(parked), { context: { version: parked.version } })
}

export function parkedText(parked: Parked): string {
  return `${whatParked(parked)}: rows may be gone while progress stayed. Nothing is committed until silt table resume`
}

/** `version 5 is a RESTORE`: of another engine, or by `silt table restore`. */
export function whatParked({ version, operation }: Parked): string {
  return operation === undefined
    ? `versions up to ${version} may hide a RESTORE or overwrite by another engine (they were cleaned from the log, or are more than Silt looks back over, and Silt has committed nothing since)`
    : `version ${version} is a ${operation}`
}

/**
 * What every commit of a committer is to those that won before it: units and starts, made anew as a whole from the newest state (I7), the ledger
 * judging its ranges by the `txn`s read (I3). Its rows follow from no row it has read; its progress tells that rows are there.
 */
const ingest: CommitIntent = Object.freeze({
  appIds: new Set<string>(),
  domains: new Set<string>(),
  readsTable: false,
  removes: new Set<string>(),
  changesMetadata: true,
  changesProtocol: false,
  assignsRowIds: true,
  isStamped: true,
  rebuilds: new Set(['txn', 'metadata', 'protocol', 'row-ids', 'in-commit-timestamp'] as const),
  progressTellsRows: true,
})

/** What another engine's commit asks of ours; undefined for Silt's own and for the version that made the table. */
function verdictOn(entry: LogEntry): ConflictVerdict | undefined {
  return foreignKind(entry) === undefined ? undefined : conflictWith(ingest, { facts: entryFacts(entry) })
}

/** What an engine other than Silt did; undefined for Silt's own commits and for the version that made the table. */
export function foreignKind(entry: LogEntry): EntryKind | undefined {
  return entry.version === 0 || isSilts(entry) ? undefined : entryFacts(entry).kind
}

/** How the table stood at a version, as one knows who followed its log up to there. */
export interface Stood {
  readonly version: number
  readonly parked: Parked | undefined
}

/**
 * Entries up to the newest that may have parked or released the table, ascending, and how it stood before them: read backwards to what is known, to the last that
 * proves it was not parked (committers put nothing into a table that is), to the end of what clean-up left, or `lookBackMax` versions. Where
 * neither knowledge nor proof is left and there is progress to lose, the table counts as parked: clean-up must not release what a RESTORE did.
 */
export async function lookBack(
  store: ObjectStore,
  { version, txns }: Progressed,
  lookBackMax: number,
  known: Stood = { version: -1, parked: undefined },
): Promise<{ readonly before: Parked | undefined; readonly entries: readonly LogEntry[] }> {
  const entries: LogEntry[] = []
  let at = version
  for await (const entry of entriesDown(store, version, Math.max(known.version, version - lookBackMax))) {
    at = entry.version - 1
    if (tellsOfParking(entry)) entries.unshift(entry)
    if (provesUnparked(entry)) return { before: undefined, entries }
  }
  if (at <= known.version) return { before: known.parked, entries }
  return { before: hasProgress(txns) ? { version: at, operation: undefined } : undefined, entries }
}

/** All others are let go while looking back: there may be thousands. */
function tellsOfParking(entry: LogEntry): boolean {
  const kind = foreignKind(entry)
  return kind === undefined ? isSilts(entry) : kind === 'removes-data' || verdictOn(entry)?.kind === 'park'
}

function isSilts(entry: LogEntry): boolean {
  return lenientRecord(entry) !== undefined
}

/** Units and starts, or an adoption that progress began with (not one that goes on from what a RESTORE left); what else people decide is put into a parked table too. */
function provesUnparked(entry: LogEntry): boolean {
  const decisions = lenientRecord(entry)?.decisions
  return decisions !== undefined && decisions.every((each) => each.kind === 'adopt' && each.startFrom !== fromProgress)
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
