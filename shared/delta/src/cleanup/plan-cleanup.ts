import type { Metadata, Protocol } from '../actions/action.ts'
import { completeCheckpoints } from '../log/segment.ts'
import type { LogFile } from '../log/file-names.ts'
import { intervalMs } from '../table/properties.ts'

const dayMs = 86_400_000

/** Retention where the table asks for none, as other engines have it: 30 days. */
const logRetentionDefaultMs = 30 * dayMs

const retentionProperty = 'delta.logRetentionDuration'

/** How long commits stay readable, ms: `delta.logRetentionDuration`, default 30 days; for ever where it makes no sense, for it may ask for longer. */
function logRetentionMs({ configuration }: Metadata): number {
  const asked = configuration[retentionProperty]
  return asked === undefined ? logRetentionDefaultMs : (intervalMs(asked) ?? Infinity)
}

/** Midnight UTC at or before a time, ms. */
function midnightMs(atMs: number): number {
  return Math.floor(atMs / dayMs) * dayMs
}

/** The time before which commits may go, ms: midnight UTC of the day that retention reaches back to (§ Metadata Cleanup, step 1). */
export function cutoffMs(metadata: Metadata, nowMs: number): number {
  return midnightMs(nowMs - logRetentionMs(metadata))
}

/** Sidecars as old as this or younger may belong to a checkpoint that is being written (step 5). */
export function sidecarsKeptSinceMs(nowMs: number): number {
  return midnightMs(nowMs) - dayMs
}

export interface CleanupSubject {
  readonly protocol: Protocol
  readonly metadata: Metadata
  /** The log as listed. */
  readonly files: readonly LogFile[]
  /** Keys in `_staged_commits/`. */
  readonly staged: readonly string[]
  /** The newest version not later than the cutoff; undefined: none is as old. */
  readonly cutoffCommit: number | undefined
  /** This version and all after it stay, whatever their age; undefined: only age counts. */
  readonly keepFromVersion: number | undefined
}

/**
 * What may be deleted of a log, or why nothing may. Lists are to be taken one after the other. `commits` ascends and is taken one by one: whoever still
 * knows an old version proves by it that the next one is gone rather than not there yet (I8a).
 */
export type CleanupPlan =
  | { readonly kind: 'nothing'; readonly reason: string }
  | {
      readonly kind: 'clean'
      /** Reading begins at this checkpoint from now on; it stays, and so does its commit. */
      readonly checkpointVersion: number
      /** Compactions and version checksums: nothing needs them. */
      readonly auxiliaries: readonly string[]
      readonly commits: readonly string[]
      /** After the commits, so that no version that can still be listed loses its base before. */
      readonly checkpoints: readonly string[]
    }

/**
 * Delta PROTOCOL § Metadata Cleanup, steps 2 and 3, pure: everything before the newest checkpoint that is not newer than the cutoff commit.
 * Protected besides: what `delta.enableExpiredLogCleanup` = false keeps, `keepFromVersion`, and checkpoints before
 * `delta.requireCheckpointProtectionBeforeVersion` (feature checkpointProtection), which go all at once or not at all.
 */
export function planCleanup(subject: CleanupSubject): CleanupPlan {
  const { files, cutoffCommit, keepFromVersion = Infinity, metadata } = subject
  if (metadata.configuration['delta.enableExpiredLogCleanup']?.toLowerCase() === 'false')
    return { kind: 'nothing', reason: 'delta.enableExpiredLogCleanup is false' }
  if (logRetentionMs(metadata) === Infinity)
    return {
      kind: 'nothing',
      reason: `${retentionProperty} is ${metadata.configuration[retentionProperty]}, which is no interval of days or hours`,
    }
  if (cutoffCommit === undefined)
    return { kind: 'nothing', reason: 'no version is older than delta.logRetentionDuration' }
  const last = Math.min(cutoffCommit, keepFromVersion)
  const checkpointVersion = completeCheckpoints(files).findLast((each) => each.version <= last)?.version
  if (checkpointVersion === undefined)
    return { kind: 'nothing', reason: `no checkpoint is as old as version ${last}, and only what one covers may go` }
  const protectedBefore = protectedBeforeVersion(subject)
  if (checkpointVersion < protectedBefore)
    return {
      kind: 'nothing',
      reason: `checkpoints before version ${protectedBefore} are protected (checkpointProtection)`,
    }
  const keysOf = (kind: LogFile['kind']): readonly string[] =>
    files.flatMap((file) => (file.kind === kind && file.version < checkpointVersion ? [file.key] : []))
  const compactions = files.flatMap((file) =>
    file.kind === 'compaction' && file.version <= checkpointVersion ? [file.key] : [],
  )
  const auxiliaries = [...compactions, ...keysOf('checksum'), ...stagedBefore(subject.staged, checkpointVersion)]
  const [commits, checkpoints] = [keysOf('commit'), keysOf('checkpoint')]
  if (auxiliaries.length + commits.length + checkpoints.length === 0)
    return { kind: 'nothing', reason: `nothing is left before the checkpoint of version ${checkpointVersion}` }
  return { kind: 'clean', checkpointVersion, auxiliaries, commits, checkpoints }
}

function protectedBeforeVersion({ protocol, metadata }: CleanupSubject): number {
  if (protocol.writerFeatures?.includes('checkpointProtection') !== true) return 0
  const version = Number(metadata.configuration['delta.requireCheckpointProtectionBeforeVersion'] ?? 0)
  // What makes no sense protects everything.
  return Number.isSafeInteger(version) && version >= 0 ? version : Infinity
}

/** Staged commits up to the checkpoint's version, `_staged_commits/<version>.<uuid>.json`. */
function stagedBefore(staged: readonly string[], checkpointVersion: number): readonly string[] {
  return staged.filter((key) => {
    const match = /\/_staged_commits\/(\d{20})\.[^/]+\.json$/.exec(key)
    return match !== null && Number(match[1]) <= checkpointVersion
  })
}
