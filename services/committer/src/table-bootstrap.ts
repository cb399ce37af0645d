import {
  compareToEventTable,
  deadLetterPointerAppId,
  deadLetterSchema,
  describeDifferences,
  eventDateField,
  eventTableSchema,
  formatProperty,
  formatVersion,
  hasProgress,
} from '@silt/contracts'
import {
  msSince,
  SiltError,
  struct,
  type Clock,
  type ObjectStore,
  type ParquetReader,
  type Random,
  type StructType,
} from '@silt/core'
import { commitEntry, commitInfo, lookBegan, newTableActions, requireWritable, type TableState } from '@silt/delta'
import { judgeRowRules } from '@silt/rows'
import { engineInfo } from './commit-actions.ts'
import { readTable, type TableReading } from './table-log.ts'

export interface BootstrapDeps {
  readonly store: ObjectStore
  readonly deadLetterStore: ObjectStore
  readonly parquetReader: ParquetReader
  readonly clock: Clock
  readonly random: Random
}

export interface BootstrapOptions {
  /** `['event_date']` where PARTITION_BY asks for it, else empty. */
  readonly partitionColumns: readonly string[]
  readonly readBack: boolean
  /** How long a look that found no table lasts (I8a). */
  readonly baseProofMaxMs: number
}

/** Racing creators settle in one round; a store that answers `unknown` gets a few more. */
const attemptsMax = 5

/**
 * Makes the main table and its dead-letter table where they are missing, by put-if-absent of version 0: of any number of racing creators one wins.
 * The dead-letter table comes first, so that a main table without one has lost it. Idempotent. Nothing is put by one that stood still since it
 * found no table: another may have made it, and its clean-up have freed the name of version 0 again (I8a). Answers both tables as read, the main one
 * first where it was there: each is loaded once in a take-over.
 *
 * Errors: `table/not-adopted` (invalid) for a table Silt did not make, naming the command and every column that differs;
 * `table/newer-format` (unsupported); `table/partitioning-differs` (invalid); `table/dead-letters-missing` (data); `delta/…` and the stores'.
 */
export async function ensureTables(
  deps: BootstrapDeps,
  options: BootstrapOptions,
): Promise<{ readonly main: TableReading; readonly deadLetters: TableReading }> {
  const existing = await readTable(deps)
  if (existing !== undefined) requireOurs(existing.state, deps.store.location, options)
  const deadLetters = await ensureTable(deps, deps.deadLetterStore, options, {
    schema: deadLetterSchema,
    partitionColumns: [],
    mayMake: () => requireNoneRecorded(existing?.state, deps),
  })
  requireFormat(deadLetters.state, deps.deadLetterStore.location)
  const partitioned = options.partitionColumns.length > 0
  const main =
    existing ??
    (await ensureTable(deps, deps.store, options, {
      schema: partitioned ? struct([...eventTableSchema.fields, eventDateField]) : eventTableSchema,
      partitionColumns: options.partitionColumns,
      mayMake: () => undefined,
    }))
  requireOurs(main.state, deps.store.location, options)
  return { main, deadLetters }
}

interface TableShape {
  readonly schema: StructType
  readonly partitionColumns: readonly string[]
  /** Throws where a missing table must not be made anew. */
  readonly mayMake: () => void
}

async function ensureTable(
  deps: BootstrapDeps,
  store: ObjectStore,
  { readBack, baseProofMaxMs }: BootstrapOptions,
  shape: TableShape,
): Promise<TableReading> {
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    const began = await lookBegan(store, deps.clock)
    const found = await readTable({ ...deps, store })
    if (found !== undefined) return found
    shape.mayMake()
    const token = deps.random.uuid()
    const actions = newTableActions({
      id: deps.random.uuid(),
      schema: shape.schema,
      partitionColumns: shape.partitionColumns,
      configuration: { 'delta.checkpointInterval': '100', [formatProperty]: formatVersion },
      createdMs: deps.clock.nowMs(),
    })
    const info = commitInfo({
      timestampMs: deps.clock.nowMs(),
      operation: 'CREATE TABLE',
      engineInfo,
      token,
      isBlindAppend: true,
    })
    if (msSince(began, deps.clock, store) > baseProofMaxMs) continue
    // Whatever the outcome, what counts is the table as read.
    await commitEntry(store, { version: 0, actions: [info, ...actions], token, readBack })
  }
  throw new SiltError('unavailable', 'table/not-created', `no table could be made at ${store.location}`)
}

function requireOurs(state: TableState, location: string, options: BootstrapOptions): void {
  if (state.metadata.configuration[formatProperty] === undefined) {
    const differences = describeDifferences(compareToEventTable(state.schema))
    throw new SiltError(
      'invalid',
      'table/not-adopted',
      `${hasProgress(state.txns) ? adoptedBefore(location) : neverAdopted(location)}. ` +
        (differences === '' ? 'Its columns are those of the event table' : `Its columns differ: ${differences}`),
      { context: { tableId: state.metadata.id } },
    )
  }
  requireFormat(state, location)
  requireWritable(state, judgeRowRules)
  const [found, wanted] = [state.metadata.partitionColumns.join(', '), options.partitionColumns.join(', ')]
  // What the setting cannot say the table has from another engine.
  const isTheirs = wanted === '' && found !== eventDateField.name
  if (found !== wanted && !isTheirs)
    throw new SiltError(
      'invalid',
      'table/partitioning-differs',
      `PARTITION_BY is ${wanted || 'not set'}, the table at ${location} is ${found ? `partitioned by ${found}` : 'not partitioned'}: ` +
        `set PARTITION_BY to what the table has, or point DELTA_TABLE_PATH elsewhere`,
    )
}

function neverAdopted(location: string): string {
  return `the table at ${location} was not made by Silt. To append to it, run: silt table adopt --start-from earliest|latest|<ISO time>|<partition:offset,…>`
}

function adoptedBefore(location: string): string {
  return `the table at ${location} no longer says that Silt took it over, yet holds its progress: its properties went back, by a RESTORE say. To go on from there, run: silt table adopt --start-from progress`
}

function requireFormat(state: TableState, location: string): void {
  const format = state.metadata.configuration[formatProperty]
  if (format === formatVersion) return
  if (format === undefined)
    throw new SiltError(
      'invalid',
      'table/not-adopted',
      `the dead-letter table at ${location} was not made by Silt: move it away`,
    )
  throw new SiltError(
    'unsupported',
    'table/newer-format',
    `the table at ${location} has ${formatProperty} ${format}, this version of Silt knows ${formatVersion}: run a newer one`,
  )
}

/** A main table that has recorded dead letters had a dead-letter table: an empty new one would hide that it is gone. */
function requireNoneRecorded(main: TableState | undefined, deps: BootstrapDeps): void {
  if (main?.txns.has(deadLetterPointerAppId) !== true) return
  throw new SiltError(
    'data',
    'table/dead-letters-missing',
    `${deps.store.location} has recorded dead letters, but their table at ${deps.deadLetterStore.location} is gone: restore it from a backup`,
  )
}
