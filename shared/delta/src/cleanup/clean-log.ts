import { SiltError, type ObjectInfo, type ObjectRemoval, type ObjectStore, type ParquetReader } from '@silt/core'
import { isSiltError } from '@silt/core'
import { brokenLog, noTable } from '../errors.ts'
import { logPrefix, versionPrefix } from '../log/file-names.ts'
import { listLog } from '../log/segment.ts'
import { featureRules } from '../protocol/features.ts'
import { loadSnapshot } from '../snapshot/load-snapshot.ts'
import { loadState } from '../snapshot/load-state.ts'
import type { TableState } from '../snapshot/table-state.ts'
import { versionAt } from '../time-travel/version-at.ts'
import { cutoffMs, planCleanup, sidecarsKeptSinceMs, type CleanupPlan } from './plan-cleanup.ts'
import { referencedSidecars } from './referenced-sidecars.ts'

/** Removals under way at the same time, where their order does not matter. */
const removalsAtOnce = 16

/** What a clean-up spares beyond what the protocol does. */
export interface CleanupOptions {
  /** This version and all after it stay, whatever their age: what the caller still has to read. */
  readonly keepFromVersion?: number
  /** Tells what would go, and removes nothing. */
  readonly isDryRun?: boolean
}

/** What a clean-up took away, and how far down the log reaches now. */
export interface CleanupOutcome {
  /** `nothing`: see `reason`; sidecars may have gone all the same. */
  readonly kind: 'cleaned' | 'nothing'
  readonly reason?: string
  /** Reading begins at this checkpoint from now on. */
  readonly checkpointVersion?: number
  readonly commits: number
  readonly checkpointFiles: number
  /** Compactions, version checksums, staged commits. */
  readonly auxiliaries: number
  readonly sidecars: number
}

/**
 * Deletes what expired of a table's log (Delta PROTOCOL § Metadata Cleanup). Never on its own: whoever calls it has a right to delete that no actor has.
 *
 * 1. The table loads, and so does the version of the checkpoint that reading will begin at, to the last file: before anything is removed.
 * 2. A process that dies at any moment leaves a table whose newest version reads as before; calling again goes on. Two at once are harmless.
 * 3. Sidecars stay which any checkpoint listed at the start refers to, also one that goes now: theirs go next time.
 *
 * Times are the store's own. Memory: the live files of one version. Errors: `delta/no-table` (invalid), `delta/unsupported-feature` (unsupported) where a
 * writer feature is not known, those of `loadSnapshot`, and the store's; what was removed stays removed.
 */
export async function cleanLog(
  store: ObjectStore,
  removal: ObjectRemoval,
  reader: ParquetReader,
  options: CleanupOptions = {},
): Promise<CleanupOutcome> {
  const state = await loadState(store, reader)
  if (state === undefined) throw noTable(store.location)
  requireKnownFeatures(store.location, state)
  const nowMs = store.newestAnswerMs()
  if (nowMs === undefined) throw new SiltError('unavailable', 'store/unavailable', `${store.location} tells no time`)
  // Sidecars are listed before checkpoints are read: one that comes later is in no list of what may go.
  const sidecars = await listAll(store, `${logPrefix}_sidecars/`)
  const files = await listLog(store)
  const plan = planCleanup({
    ...state,
    files,
    staged: (await listAll(store, `${logPrefix}_staged_commits/`)).map(({ key }) => key),
    cutoffCommit: await versionBefore(store, reader, cutoffMs(state.metadata, nowMs)),
    keepFromVersion: options.keepFromVersion,
  })
  const loose = await looseSidecars(store, reader, { files, sidecars, keptSinceMs: sidecarsKeptSinceMs(nowMs) })
  if (plan.kind === 'clean') await requireBase(store, reader, plan.checkpointVersion)
  if (options.isDryRun !== true) await carryOut(removal, plan, loose)
  return outcomeOf(plan, loose)
}

/** The version loads, and from its own checkpoint: what else it loads from is about to go. */
async function requireBase(store: ObjectStore, reader: ParquetReader, version: number): Promise<void> {
  const { checkpointVersion, unreadableCheckpoints = [] } = await loadSnapshot(store, reader, { version })
  if (checkpointVersion === version) return
  const [key = versionPrefix(version)] = unreadableCheckpoints
  throw brokenLog(key, 'the checkpoint that reading would begin at cannot be read; nothing was deleted')
}

async function carryOut(removal: ObjectRemoval, plan: CleanupPlan, loose: readonly string[]): Promise<void> {
  if (plan.kind === 'clean') {
    await removeAll(removal, plan.auxiliaries)
    for (const key of plan.commits) await removal.remove(key)
    await removeAll(removal, plan.checkpoints)
  }
  await removeAll(removal, loose)
}

async function removeAll(removal: ObjectRemoval, keys: readonly string[]): Promise<void> {
  for (let index = 0; index < keys.length; index += removalsAtOnce)
    await Promise.all(keys.slice(index, index + removalsAtOnce).map((key) => removal.remove(key)))
}

function outcomeOf(plan: CleanupPlan, loose: readonly string[]): CleanupOutcome {
  if (plan.kind === 'nothing')
    return {
      kind: 'nothing',
      reason: plan.reason,
      commits: 0,
      checkpointFiles: 0,
      auxiliaries: 0,
      sidecars: loose.length,
    }
  return {
    kind: 'cleaned',
    checkpointVersion: plan.checkpointVersion,
    commits: plan.commits.length,
    checkpointFiles: plan.checkpoints.length,
    auxiliaries: plan.auxiliaries.length,
    sidecars: loose.length,
  }
}

async function versionBefore(
  store: ObjectStore,
  reader: ParquetReader,
  timestampMs: number,
): Promise<number | undefined> {
  try {
    return await versionAt(store, reader, timestampMs)
  } catch (error) {
    if (isSiltError(error, 'delta/version-missing')) return undefined
    throw error
  }
}

/** Sidecars nothing refers to and no checkpoint under way can be made of. */
async function looseSidecars(
  store: ObjectStore,
  reader: ParquetReader,
  subject: {
    readonly files: Parameters<typeof referencedSidecars>[2]
    readonly sidecars: readonly ObjectInfo[]
    readonly keptSinceMs: number
  },
): Promise<readonly string[]> {
  const old = subject.sidecars.filter(({ modifiedMs }) => modifiedMs < subject.keptSinceMs)
  if (old.length === 0) return []
  const referenced = await referencedSidecars(store, reader, subject.files)
  return old.flatMap(({ key }) => (referenced.has(key) ? [] : [key]))
}

async function listAll(store: ObjectStore, prefix: string): Promise<readonly ObjectInfo[]> {
  const infos: ObjectInfo[] = []
  for await (const info of store.list(prefix)) infos.push(info)
  return infos
}

/** A writer must know every feature of a table it changes, and deleting its history is changing it. */
function requireKnownFeatures(location: string, { protocol }: TableState): void {
  const unknown = protocol.writerFeatures?.find((name) => name !== 'checkpointProtection' && !featureRules.has(name))
  if (unknown === undefined) return
  const message = `${location} uses ${unknown}, which Silt does not know; nothing was deleted. Let an engine that has it clean the log.`
  throw new SiltError('unsupported', 'delta/unsupported-feature', message, { context: { feature: unknown } })
}
