import { deadLetterAppliedAppId, deadLetterPointerAppId, parseCommitRecord } from '@silt/contracts'
import { assert, SiltError, type AddFile, type Clock, type ObjectStore, type Random } from '@silt/core'
import { commitInfo, commitInfoOf, decodePath, readEntry, type Action, type TableState } from '@silt/delta'
import { engineInfo } from './commit-actions.ts'
import { putNotBeforeMs } from './file-age.ts'
import type { TableLog } from './table-log.ts'

/** The version of the main table whose dead letters the dead-letter table still lacks; undefined when it lacks none (I5). Pure. */
export function pendingRecord(main: TableState, deadLetters: TableState): number | undefined {
  const recorded = main.txns.get(deadLetterPointerAppId)
  if (recorded === undefined) return undefined
  const applied = deadLetters.txns.get(deadLetterAppliedAppId(main.metadata.id)) ?? -1
  return applied < recorded ? recorded : undefined
}

/**
 * Brings the dead-letter table up to the main table (I5): commits the adds that the newest recording version holds, with
 * `txn silt:dead-letters:<main table id>` = that version, only where its own is lower. May run twice, at once, or after a crash at any point.
 *
 * Returns the version applied, if any was. Errors: `committer/dead-letter-record-lost` (data) when that version's commit is gone or holds
 * no record: the table must stop; `committer/dead-letter-file-lost` (data) when a vacuum took one of its files meanwhile: likewise; `committer/dead-letters-not-applied` (unavailable); the stores' and the logs' own.
 */
export async function applyDeadLetters(
  main: TableLog,
  deadLetters: TableLog,
  deps: { readonly clock: Clock; readonly random: Random; readonly attemptsMax: number },
): Promise<number | undefined> {
  let lastCause: unknown
  for (let attempt = 1; attempt <= deps.attemptsMax; attempt++) {
    await deadLetters.prepare()
    const version = pendingRecord(main.state, deadLetters.state)
    if (version === undefined) return undefined
    const adds = (await recordedAdds(main.store, version)) ?? (await lookAgain(main, deadLetters, version))
    if (adds === undefined) continue
    await requireFiles(deadLetters, adds, version)
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
  return [
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
}

/** Undefined where the version is gone or holds no record. */
async function recordedAdds(store: ObjectStore, version: number): Promise<readonly AddFile[] | undefined> {
  const entry = await readEntry(store, version)
  const record = entry && parseCommitRecord(commitInfoOf(entry.actions)?.silt)
  return record === undefined || record.deadLetters.length === 0 ? undefined : record.deadLetters
}

/** A record that waited long (I10a) may name files that a vacuum of the dead-letter table has taken: no reader could read the table with them in it. */
async function requireFiles(deadLetters: TableLog, adds: readonly AddFile[], version: number): Promise<void> {
  const { store, state } = deadLetters
  const notBeforeMs = putNotBeforeMs([state.metadata], store.newestAnswerMs()) ?? 0
  for (const { path, modificationTime } of adds) {
    if (modificationTime >= notBeforeMs || (await store.head(decodePath(path))) !== undefined) continue
    throw new SiltError(
      'data',
      'committer/dead-letter-file-lost',
      `${store.location}/${path} is gone, a vacuum's work perhaps, before version ${version} of the table could put it into the dead-letter table: ` +
        `nothing more is committed until the file is brought back from the bucket's versions or a backup`,
      { context: { version, path } },
    )
  }
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
