import { deadLetterAppliedAppId, deadLetterPointerAppId, parseCommitRecord } from '@silt/contracts'
import { assert, SiltError, type AddFile, type Clock, type ObjectStore, type Random } from '@silt/core'
import {
  commitInfo,
  commitInfoOf,
  completeCommit,
  layoutDigest,
  readEntry,
  tableLayout,
  type Action,
  type TableState,
} from '@silt/delta'
import { engineInfo } from './commit-actions.ts'
import { safeFiles } from './safe-files.ts'
import type { TableLog } from './table-log.ts'

/** The version of the main table whose dead letters the dead-letter table still lacks; undefined when it lacks none (I5). Pure. */
export function pendingRecord(main: TableState, deadLetters: TableState): number | undefined {
  const recorded = main.txns.get(deadLetterPointerAppId)
  if (recorded === undefined) return undefined
  const applied = deadLetters.txns.get(deadLetterAppliedAppId(main.metadata.id)) ?? -1
  return applied < recorded ? recorded : undefined
}

/**
 * Brings the dead-letter table up to the main table (I5): commits the adds that the newest recording version holds (`safeFiles`), with
 * `txn silt:dead-letters:<main table id>` = that version, only where its own is lower. May run twice, at once, or after a crash at any point.
 *
 * Returns the version applied, if any was. Errors: `committer/dead-letter-record-lost` (data) when that version's commit is gone or holds
 * no record: the table must stop; `committer/dead-letter-file-lost` (data) when a vacuum took one of its files meanwhile: likewise; `committer/dead-letter-layout` (unsupported); `committer/dead-letters-not-applied` (unavailable); the stores' and the logs' own.
 */
export async function applyDeadLetters(
  main: TableLog,
  deadLetters: TableLog,
  deps: { readonly clock: Clock; readonly random: Random; readonly attemptsMax: number },
): Promise<number | undefined> {
  let lastCause: unknown
  /** By version: an attempt goes on with the files of the one before. */
  const safe = new Map<number, readonly AddFile[]>()
  for (let attempt = 1; attempt <= deps.attemptsMax; attempt++) {
    await deadLetters.prepare()
    const version = pendingRecord(main.state, deadLetters.state)
    if (version === undefined) return undefined
    const recorded = (await recordedAdds(main.store, version)) ?? (await lookAgain(main, deadLetters, version))
    if (recorded === undefined) continue
    const { store, state } = deadLetters
    requirePlainFiles(state, store.location)
    const held = safe.get(version) ?? recorded
    const adds = await safeFiles({ store, metadata: state.metadata }, held, version, deps.random)
    safe.set(version, adds)
    const token = deps.random.uuid()
    const actions = projectionActions(main.state, deadLetters.state, {
      version,
      adds,
      token,
      wallMs: deps.clock.nowMs(),
    })
    const outcome = await deadLetters.commit(actions, token)
    if (outcome.kind === 'committed') return version
    if (outcome.kind === 'unknown') lastCause = outcome.cause
  }
  throw new SiltError(
    'unavailable',
    'committer/dead-letters-not-applied',
    `the dead-letter table at ${deadLetters.store.location} took no commit in ${deps.attemptsMax} attempts`,
    { cause: lastCause },
  )
}

function projectionActions(
  main: TableState,
  deadLetters: TableState,
  record: {
    readonly version: number
    readonly adds: readonly AddFile[]
    readonly token: string
    readonly wallMs: number
  },
): readonly Action[] {
  const appId = deadLetterAppliedAppId(main.metadata.id)
  assert(record.version > (deadLetters.txns.get(appId) ?? -1), `txn ${appId} would decrease`)
  const actions = [
    commitInfo({
      timestampMs: record.wallMs,
      operation: 'STREAMING UPDATE',
      operationParameters: { outputMode: 'Append', mainVersion: String(record.version) },
      engineInfo,
      token: record.token,
      isBlindAppend: true,
    }),
    { txn: { appId, version: record.version } },
    ...record.adds.map((add) => ({ add })),
  ]
  return completeCommit(deadLetters, actions, record.wallMs)
}

/**
 * Dead-letter files are written knowing only the columns of their table. Errors: `committer/dead-letter-layout` (unsupported) where it asks for more: the
 * main table must stop, for a file that its readers cannot read would be a dead letter lost.
 */
export function requirePlainFiles(deadLetters: TableState, location: string): void {
  const { partitionColumns } = deadLetters.metadata
  if (layoutDigest(tableLayout(deadLetters)) === undefined && partitionColumns.length === 0) return
  throw new SiltError(
    'unsupported',
    'committer/dead-letter-layout',
    `the dead-letter table at ${location} was changed to be partitioned or clustered, to map columns or to have rules of rows, which Silt does not write there: ` +
      `restore it, or move it away with its main table`,
  )
}

/** Undefined where the version is gone or holds no record. */
async function recordedAdds(store: ObjectStore, version: number): Promise<readonly AddFile[] | undefined> {
  const entry = await readEntry(store, version)
  const record = entry && parseCommitRecord(commitInfoOf(entry.actions)?.silt)
  return record === undefined || record.deadLetters.length === 0 ? undefined : record.deadLetters
}

/** A record is lost only if both logs, read anew, still ask for it. */
async function lookAgain(main: TableLog, deadLetters: TableLog, version: number): Promise<undefined> {
  await deadLetters.look()
  if (pendingRecord(main.state, deadLetters.state) !== version) return
  throw new SiltError(
    'data',
    'committer/dead-letter-record-lost',
    `version ${version} of ${main.store.location} recorded dead letters, and its commit is gone or holds none although they are not in the ` +
      `dead-letter table yet: nothing more is committed until that version's JSON is restored from a backup`,
    { context: { version } },
  )
}
