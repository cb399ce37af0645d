import { SiltError, type ObjectStore } from '@silt/core'
import { logGap } from '../errors.ts'
import { commitKey, logPrefix, parseLogFile, versionPrefix, type CompactionFile, type LogFile } from './file-names.ts'
import { readCheckpointHint } from './last-checkpoint.ts'

/** A complete checkpoint: one file, or all parts of one in order. */
export interface CheckpointFiles {
  readonly version: number
  readonly keys: readonly string[]
}

/**
 * The files that make up one version.
 *
 * 1. Commits are contiguous: the first follows the checkpoint (or is 0), the last is `version`.
 * 2. A checkpoint is complete and not newer than `version`.
 * 3. Compactions ascend, do not overlap, and hold versions of `commits` alone: they are a shorter way, never the only one.
 * 4. `checksum`, where there is one, belongs to a version of the segment: `version`, or the newest below it that has one.
 */
export interface LogSegment {
  readonly version: number
  readonly checkpoint?: CheckpointFiles
  readonly commits: readonly number[]
  readonly compactions: readonly CompactionFile[]
  /** Version of the newest version checksum. */
  readonly checksum?: number
}

/**
 * The segment of `version`, or of the newest version; undefined where the log holds no commit and no checkpoint.
 * Lists from the hinted checkpoint on; where that does not lead to a whole segment (hint wrong, parts missing) from the start. `without`: keys of
 * checkpoints that are passed over. Errors: `delta/log-gap` (data), `delta/version-missing` (invalid).
 */
export async function listSegment(
  store: ObjectStore,
  version?: number,
  without: ReadonlySet<string> = new Set(),
): Promise<LogSegment | undefined> {
  const listed = async (options: { readonly fromVersion?: number } = {}): Promise<readonly LogFile[]> =>
    (await listLog(store, options)).filter(({ key }) => !without.has(key))
  const hint = await readCheckpointHint(store)
  if (hint !== undefined && (version === undefined || hint <= version)) {
    const segment = planSegment(await listed({ fromVersion: hint }), version)
    if (segment.kind === 'found') return segment.segment
  }
  const planned = planSegment(await listed(), version)
  switch (planned.kind) {
    case 'found':
      return planned.segment
    case 'empty':
      return undefined
    case 'gap':
      throw logGap(store.location, `${planned.problem}; the log was cleaned wrongly or copied in part`)
    case 'missing': {
      const message = `${store.location} has no version ${version}; ${planned.problem}`
      throw new SiltError('invalid', 'delta/version-missing', message, { context: { version } })
    }
  }
}

/** The log's files in order, from `fromVersion` on. */
export async function listLog(store: ObjectStore, options: { readonly fromVersion?: number } = {}): Promise<LogFile[]> {
  const files: LogFile[] = []
  const startAfter = options.fromVersion === undefined ? {} : { startAfter: versionPrefix(options.fromVersion) }
  for await (const { key, modifiedMs } of store.list(logPrefix, startAfter)) {
    // Everything past the digits (hint, sidecars, staged commits) is no part of a segment.
    if (key.slice(logPrefix.length) > ':') break
    const file = parseLogFile(key, modifiedMs)
    if (file !== undefined) files.push(file)
  }
  return files
}

export type PlannedSegment =
  | { readonly kind: 'found'; readonly segment: LogSegment }
  | { readonly kind: 'empty' }
  | { readonly kind: 'gap'; readonly problem: string }
  | { readonly kind: 'missing'; readonly problem: string }

/** Pure: which of the listed files make up `version` (default: the newest). */
export function planSegment(files: readonly LogFile[], version?: number): PlannedSegment {
  const commits = files.flatMap((file) => (file.kind === 'commit' ? [file.version] : []))
  const checkpoints = completeCheckpoints(files)
  const newest = Math.max(commits.at(-1) ?? -1, checkpoints.at(-1)?.version ?? -1)
  if (newest < 0) return { kind: 'empty' }
  const target = version ?? newest
  if (target > newest) return { kind: 'missing', problem: rangeText(files) }
  const checkpoint = checkpoints.findLast((each) => each.version <= target)
  const first = checkpoint === undefined ? 0 : checkpoint.version + 1
  const needed = commits.filter((each) => each >= first && each <= target)
  const gap = firstGap(needed, first, target)
  if (gap !== undefined) {
    // Time travel to before the oldest kept version is the caller's mistake, a hole in what is kept the log's.
    const oldest = Math.min(commits[0] ?? newest, checkpoints[0]?.version ?? newest)
    if (version !== undefined && checkpoint === undefined && (checkpoints[0]?.version ?? -1) > version)
      return { kind: 'missing', problem: rangeText(files) }
    return { kind: 'gap', problem: `${commitKey(gap)} is missing (versions ${oldest} to ${newest} are there in part)` }
  }
  const base = checkpoint === undefined ? {} : { checkpoint }
  const checksum = newestChecksum(files, Math.max(0, first - 1), target)
  return {
    kind: 'found',
    segment: {
      version: target,
      commits: needed,
      compactions: usefulCompactions(files, first, target),
      ...base,
      ...(checksum === undefined ? {} : { checksum }),
    },
  }
}

/** The longest compaction from each version on that no earlier one covers. */
function usefulCompactions(files: readonly LogFile[], first: number, last: number): readonly CompactionFile[] {
  const longest = new Map<number, CompactionFile>()
  for (const file of files) {
    if (file.kind !== 'compaction' || file.version < first || file.endVersion > last) continue
    if (file.endVersion > (longest.get(file.version)?.endVersion ?? -1)) longest.set(file.version, file)
  }
  const chosen: CompactionFile[] = []
  for (const file of [...longest.values()].sort((a, b) => a.version - b.version))
    if (file.version > (chosen.at(-1)?.endVersion ?? -1)) chosen.push(file)
  return chosen
}

function newestChecksum(files: readonly LogFile[], first: number, last: number): number | undefined {
  const versions = files.flatMap((file) => (file.kind === 'checksum' ? [file.version] : []))
  return versions.findLast((each) => each >= first && each <= last)
}

/**
 * The versions that can be read and whose commits are there: an unbroken run of commits up to the newest, from 0 or from the oldest checkpoint that the
 * run goes on from. Undefined where there are none.
 */
export function readableVersions(
  files: readonly LogFile[],
): { readonly oldest: number; readonly newest: number } | undefined {
  const commits = files.flatMap((file) => (file.kind === 'commit' ? [file.version] : []))
  const newest = commits.at(-1)
  if (newest === undefined) return undefined
  let first = newest
  for (let index = commits.length - 2; index >= 0 && commits[index] === first - 1; index--) first--
  if (first === 0) return { oldest: 0, newest }
  const checkpoint = completeCheckpoints(files).find((each) => each.version >= first - 1 && each.version <= newest)
  return checkpoint && { oldest: Math.max(first, checkpoint.version), newest }
}

/** The files of a segment, for people: the checkpoint, and the first and last commit after it. */
export function segmentText({ checkpoint, commits }: LogSegment): string {
  const [first, last] = [commits[0], commits.at(-1)]
  const after = first === undefined || last === undefined ? [] : [...new Set([commitKey(first), commitKey(last)])]
  return [...(checkpoint?.keys ?? []), after.join(' to ')].filter((each) => each !== '').join(', ')
}

/** Complete checkpoints by version; multi-part ones with missing parts are left out (§ Checkpoints). */
export function completeCheckpoints(files: readonly LogFile[]): readonly CheckpointFiles[] {
  const found = new Map<number, CheckpointFiles>()
  const parts = new Map<string, string[]>()
  for (const file of files) {
    if (file.kind !== 'checkpoint') continue
    if (file.form !== 'part') {
      // Classic sorts after uuid and wins: it is the one every reader knows.
      found.set(file.version, { version: file.version, keys: [file.key] })
      continue
    }
    const set = `${file.version}/${file.parts}`
    const keys = parts.get(set) ?? []
    keys.push(file.key)
    parts.set(set, keys)
    if (keys.length === file.parts && !found.has(file.version)) found.set(file.version, { version: file.version, keys })
  }
  return [...found.values()].sort((a, b) => a.version - b.version)
}

function rangeText(files: readonly LogFile[]): string {
  const checkpoints = completeCheckpoints(files)
  const range = readableVersions(files)
  const oldest = Math.min(range?.oldest ?? Infinity, checkpoints[0]?.version ?? Infinity)
  const newest = Math.max(range?.newest ?? -1, checkpoints.at(-1)?.version ?? -1)
  return `versions ${oldest} to ${newest} can be read`
}

function firstGap(commits: readonly number[], first: number, last: number): number | undefined {
  let expected = first
  for (const commit of commits) {
    if (commit !== expected) return expected
    expected++
  }
  return expected > last ? undefined : expected
}
