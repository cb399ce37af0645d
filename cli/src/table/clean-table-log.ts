import { parkingReadFrom } from '@silt/committer'
import { deadLetterAppliedAppId, deadLetterPointerAppId } from '@silt/contracts'
import type { ObjectRemoval, ObjectStore, ParquetReader } from '@silt/core'
import { cleanLog, loadState, type CleanupOutcome, type TableState } from '@silt/delta'

export interface LogCleanDeps {
  readonly store: ObjectStore
  readonly deadLetterStore: ObjectStore
  readonly reader: ParquetReader
  readonly isDryRun: boolean
}

/** A table whose log was looked at, and what became of it. */
export interface CleanedLog {
  readonly table: string
  readonly outcome: CleanupOutcome
}

/**
 * Cleans the log of the table and, where it has one, of its dead-letter table. What Silt still has to read stays whatever its age: a version whose dead
 * letters are not in their table yet (I5), and what tells that no other engine parked the table (I12). Errors: those of `cleanLog`.
 */
export async function cleanTableLog(
  deps: LogCleanDeps,
  removals: { readonly main: ObjectRemoval; readonly deadLetters: ObjectRemoval },
): Promise<readonly CleanedLog[]> {
  const { store, deadLetterStore, reader, isDryRun } = deps
  const main = await loadState(store, reader)
  const deadLetters = await loadState(deadLetterStore, reader)
  const keepFromVersion = main && (await neededFrom(store, main, deadLetters))
  const options = { isDryRun, ...(keepFromVersion === undefined ? {} : { keepFromVersion }) }
  const cleaned = [{ table: store.location, outcome: await cleanLog(store, removals.main, reader, options) }]
  if (deadLetters === undefined) return cleaned
  const outcome = await cleanLog(deadLetterStore, removals.deadLetters, reader, { isDryRun })
  return [...cleaned, { table: deadLetterStore.location, outcome }]
}

async function neededFrom(
  store: ObjectStore,
  main: TableState,
  deadLetters: TableState | undefined,
): Promise<number | undefined> {
  const recorded = main.txns.get(deadLetterPointerAppId)
  const applied = deadLetters?.txns.get(deadLetterAppliedAppId(main.metadata.id)) ?? -1
  const needed = [
    await parkingReadFrom(store, main),
    recorded !== undefined && recorded > applied ? recorded : undefined,
  ]
  const versions = needed.filter((each) => each !== undefined)
  return versions.length === 0 ? undefined : Math.min(...versions)
}
