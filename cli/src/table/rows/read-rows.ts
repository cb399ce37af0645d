import { mkdir, realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Settings } from '@silt/config'
import { SiltError, type ObjectStore, type StructField } from '@silt/core'
import { requireReadable, type AddAction, type Snapshot } from '@silt/delta'
import { FoundFault } from '../../exit-code.ts'
import type { Terminal } from '../../terminal.ts'
import { tablePlaces } from '../table-places.ts'
import { openDuck, text, type Duck } from './duckdb.ts'
import { Progress } from './progress.ts'
import { RowFolder } from './row-folder.ts'
import { rowSpelling } from './row-json.ts'
import { moveTo, openOutput, sendFile, type RowOutput } from './row-output.ts'
import { TableRows } from './table-rows.ts'

/** Files that are read by one statement: so many, or so many bytes. A copy of them lies on this machine meanwhile where the table does not. */
const filesAtOnce = 100
const bytesAtOnce = 256 * 1024 * 1024

export interface RowsRequest {
  readonly format: 'json' | 'parquet'
  /** A file; standard output when left out. */
  readonly output?: string
}

/** What reading rows needs, opened by `withRows`. */
interface OpenRows {
  readonly snapshot: Snapshot
  readonly terminal: Terminal
  readonly duck: Duck
  readonly folder: RowFolder
  readonly rows: TableRows
  /** Whether files have to be copied to this machine to be read. */
  readonly copies: boolean
  readonly progress: Progress
}

export interface ReadTable {
  readonly location: string
  readonly store: ObjectStore
  readonly settings: Settings
  readonly snapshot: Snapshot
}

/** Every row of a version, or `limit` of them, file after file. Errors: `table/unknown-column` (invalid), those of `TableRows`. */
export function writeRows(
  table: ReadTable,
  terminal: Terminal,
  request: RowsRequest & { readonly columns?: readonly string[]; readonly limit?: number },
): Promise<void> {
  const columns = chosenColumns(table.snapshot, request.columns)
  return withRows(table, terminal, async (open) => {
    if (request.format === 'parquet') {
      const select = await wholeTable(open, columns, request.limit)
      return writeParquet(open, select, request).catch((error: unknown) => {
        throw open.rows.readable(error)
      })
    }
    const output = await openOutput(request.output, terminal)
    await finishing(output, () => writeJsonInParts(open, output, columns, request.limit))
  })
}

/** The answer to one SQL statement in which the table is called `t`. Errors: `table/query-failed` (invalid), those of `TableRows`. */
export function queryRows(
  table: ReadTable,
  terminal: Terminal,
  request: RowsRequest & { readonly sql: string },
): Promise<void> {
  return withRows(table, terminal, async (open) => {
    const select = await wholeTable(open, undefined, undefined)
    const sql = request.sql.trim().replace(/;\s*$/, '')
    try {
      await open.duck.connection.run(`CREATE VIEW t AS ${select}`)
      await requireQuery(open.duck, sql)
      if (request.format === 'parquet') return await writeParquet(open, sql, request)
      const output = await openOutput(request.output, terminal)
      await finishing(output, () => writeJson(open, output, sql, Number.POSITIVE_INFINITY))
    } catch (error) {
      throw open.rows.readable(error, 'invalid')
    }
  })
}

/**
 * One statement, which only reads: DuckDB may write wherever it may read, and that is where the table lies. DuckDB would run several, and answer the last.
 * It makes several of one PIVOT by itself, which has no semicolon in it: types first, that the last needs.
 */
async function requireQuery({ connection, isQuery, isMaking }: Duck, sql: string): Promise<void> {
  const statements = sql === '' ? undefined : await connection.extractStatements(sql)
  const count = statements?.count ?? 0
  if (statements === undefined || count === 0 || (count > 1 && sql.includes(';')))
    throw new SiltError('invalid', 'table/query-failed', `one statement is wanted, these are ${count}`)
  for (let index = 0; index < count; index++) {
    const statement = await statements.prepare(index)
    const isLast = index === count - 1
    if (isLast ? !isQuery(statement) : !isMaking(statement))
      throw new SiltError(
        'invalid',
        'table/query-failed',
        'a statement is wanted that only reads: SELECT, FROM, WITH, VALUES, PIVOT, SUMMARIZE, DESCRIBE',
      )
    if (!isLast) await statement.run()
  }
}

async function withRows(table: ReadTable, terminal: Terminal, use: (open: OpenRows) => Promise<void>): Promise<void> {
  const { snapshot } = table
  requireReadable(snapshot)
  const places = tablePlaces(table.location, table.store, table.settings, terminal)
  const progress = new Progress(terminal)
  const folder = await RowFolder.make(terminal.signal)
  try {
    const duck = await openDuck(folder.path, await readableFolders(places, snapshot))
    const interrupt = (): void => duck.connection.interrupt()
    terminal.signal.addEventListener('abort', interrupt)
    try {
      const rows = await TableRows.open(duck, folder, snapshot, places)
      await use({ snapshot, terminal, duck, folder, rows, copies: places.folders.length === 0, progress })
    } finally {
      terminal.signal.removeEventListener('abort', interrupt)
      duck.close()
    }
  } catch (error) {
    throw terminal.signal.aborted ? new FoundFault('interrupted: what was asked for was not read to its end') : error
  } finally {
    progress.end()
    await folder.close()
    await places.close()
  }
}

/** Folders that links lead to. */
async function readableFolders(places: ReturnType<typeof tablePlaces>, snapshot: Snapshot): Promise<readonly string[]> {
  const folders = new Set(places.folders)
  for (const add of snapshot.files.values()) {
    const { path } = places.file(add.path)
    if (path !== undefined && !places.folders.some((each) => path.startsWith(`${each}/`))) folders.add(dirname(path))
  }
  return Promise.all([...folders].map((each) => realpath(each).catch(() => each)))
}

function chosenColumns(snapshot: Snapshot, wanted: readonly string[] | undefined): readonly StructField[] | undefined {
  const { fields } = snapshot.schema
  const unknown = wanted?.filter((name) => !fields.some((each) => each.name === name)) ?? []
  if (unknown.length > 0) {
    const known = fields.map(({ name }) => name).join(', ')
    const message = `--columns names ${unknown.join(', ')}; the table has ${known}`
    throw new SiltError('invalid', 'table/unknown-column', message)
  }
  return wanted?.flatMap((name) => fields.find((each) => each.name === name) ?? [])
}

/** All live files at once. */
async function wholeTable(
  { snapshot, folder, rows, copies, progress, terminal }: OpenRows,
  columns: readonly StructField[] | undefined,
  limit: number | undefined,
): Promise<string> {
  const adds = [...snapshot.files.values()]
  const bytes = adds.reduce((sum, add) => sum + add.size, 0)
  if (copies) await folder.requireRoom(bytes)
  terminal.signal.throwIfAborted()
  const select = await rows.select(adds, columns, (done) =>
    progress.tell(() => `${done} of ${adds.length} files at hand`),
  )
  return limit === undefined ? select : `SELECT * FROM (${select}) LIMIT ${limit}`
}

async function writeJsonInParts(
  open: OpenRows,
  output: RowOutput,
  columns: readonly StructField[] | undefined,
  limit = Number.POSITIVE_INFINITY,
): Promise<void> {
  const { snapshot, rows, progress } = open
  let written = 0
  let files = 0
  // With a limit the first file is likely enough.
  for (const part of partsOf(snapshot.files.values(), limit === Number.POSITIVE_INFINITY ? filesAtOnce : 1)) {
    if (written >= limit) return
    const select = await rows.select(part, columns)
    try {
      written += await writeJson(open, output, select, limit - written)
    } catch (error) {
      throw rows.readable(error)
    }
    await rows.release()
    files += part.length
    progress.tell(() => `${files} of ${snapshot.files.size} files, ${written} rows`)
  }
}

function* partsOf(adds: Iterable<AddAction>, filesMax: number): Generator<readonly AddAction[]> {
  let part: AddAction[] = []
  let bytes = 0
  for (const add of adds) {
    if (part.length >= filesMax || (part.length > 0 && bytes + add.size > bytesAtOnce)) {
      yield part
      part = []
      bytes = 0
    }
    part.push(add)
    bytes += add.size
  }
  if (part.length > 0) yield part
}

/** Answers how many rows were written. */
async function writeJson(
  { duck, terminal, progress }: OpenRows,
  output: RowOutput,
  sql: string,
  limit: number,
): Promise<number> {
  const result = await duck.connection.stream(sql)
  const spell = rowSpelling(result.deduplicatedColumnNames(), result.columnTypes())
  let written = 0
  for (;;) {
    terminal.signal.throwIfAborted()
    const chunk = await result.fetchChunk()
    if (chunk === null || chunk.rowCount === 0) return written
    for (const row of chunk.getRows()) {
      if (written >= limit) return written
      written++
      const full = output.line(spell(row))
      if (full !== undefined) await full
    }
    progress.tell(() => `${written} rows`)
  }
}

async function writeParquet({ duck, folder, terminal }: OpenRows, sql: string, { output }: RowsRequest): Promise<void> {
  if (output === undefined && terminal.printsToPerson) {
    const message = 'Parquet is not for a terminal; add --output FILE, or send standard output somewhere'
    throw new SiltError('invalid', 'table/output-missing', message)
  }
  const made = join(folder.path, 'made')
  await mkdir(made)
  const file = join(made, 'rows.parquet')
  // A comment may end the statement.
  await duck.connection.run(`COPY (${sql}\n) TO ${text(file)} (FORMAT parquet, COMPRESSION zstd)`)
  if (output === undefined) await sendFile(file, terminal)
  else await moveTo(file, output, terminal)
}

async function finishing(output: RowOutput, write: () => Promise<unknown>): Promise<void> {
  try {
    await write()
  } catch (error) {
    await output.abandon()
    throw error
  }
  await output.finish()
}
