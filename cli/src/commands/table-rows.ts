import { InvalidArgumentError, type Command } from 'commander'
import { isSiltError, SiltError, type ObjectStore } from '@silt/core'
import { loadSnapshot } from '@silt/delta'
import { OnDemandReader } from '@silt/parquet/reader'
import type { Settings } from '@silt/config'
import { catTable } from '../table/cat-table.ts'
import { queryRows, writeRows, type ReadTable, type RowsRequest } from '../table/rows/read-rows.ts'
import type { Terminal } from '../terminal.ts'
import { asOfOptions, versionOf, type AsOf } from './as-of.ts'
import { wholeNumber } from './whole-number.ts'
import { withTable } from './with-settings.ts'

interface CatOptions extends AsOf, RowsRequest {
  readonly columns?: string[]
  readonly limit?: number
  readonly deadLetters?: true
}

/** `silt table cat|query`: rows. */
export function addTableRowCommands(table: Command, terminal: Terminal): void {
  const reader = new OnDemandReader()
  const open = async (store: ObjectStore, settings: Settings, location: string, asOf: AsOf): Promise<ReadTable> => ({
    location,
    store,
    settings,
    snapshot: await loadSnapshot(store, reader, versionOf(asOf)),
  })

  rowOptions(
    table
      .command('cat [table]')
      .description(
        'All rows, as JSON lines or as one Parquet file. JSON: integers beyond 2^53 and decimals as text, timestamps as ISO text with microseconds, binary as base64.',
      )
      .option('--columns <names>', 'only these, separated by commas', (text) => text.split(','))
      .option('--limit <n>', 'at most so many rows', positive)
      .option('--dead-letters', 'of the dead-letter table instead')
      .addHelpText('after', examples(catExamples)),
  ).action((path: string | undefined, options: CatOptions) =>
    withTable(
      terminal,
      async (found, settings) => {
        const isDead = options.deadLetters === true
        const store = isDead ? found.deadLetterStore : found.store
        const read = await open(store, settings, isDead ? found.deadLetterPath : found.path, options)
        try {
          await writeRows(read, terminal, options)
        } catch (error) {
          if (!isSiltError(error, 'table/duckdb-missing') || options.format !== 'json' || options.output !== undefined)
            throw error
          await catTable(store, reader, read.snapshot, options, (line) => terminal.write(Buffer.from(line)), error)
        }
      },
      path,
    ),
  )

  rowOptions(
    table
      .command('query <sql> [table]')
      .description(
        'The answer to one statement of SQL, in which the table is called t, as JSON lines or one Parquet file.',
      )
      .addHelpText('after', examples(queryExamples)),
  ).action((first: string, second: string | undefined, options: AsOf & RowsRequest) => {
    const { sql, path } = sqlAndTable(first, second)
    return withTable(
      terminal,
      async ({ store, path: location }, settings) =>
        queryRows(await open(store, settings, location, options), terminal, { ...options, sql }),
      path,
    )
  })
}

const catExamples = [
  ['silt table cat --limit 3', 'three rows of the table of DELTA_TABLE_PATH'],
  ['silt table cat s3://lake/orders --format parquet --output orders.parquet', 'a copy as one file'],
  ['silt table cat data/orders --version 12 --columns id,total', 'two columns as they were'],
] as const

const queryExamples = [
  ['silt table query "SELECT event_type, count(*) AS events FROM t GROUP BY ALL"', 'of the table of DELTA_TABLE_PATH'],
  ['silt table query "SELECT max(total) FROM t" s3://lake/orders', 'of another'],
  ['silt table query "SUMMARIZE t" data/orders --timestamp 2026-11-01', 'of a table as it was'],
] as const

function rowOptions(command: Command): Command {
  return asOfOptions(command)
    .addOption(
      command.createOption('--format <format>', 'of what is written').choices(['json', 'parquet']).default('json'),
    )
    .option('--output <file>', 'write to this file, which appears once it is whole; default: standard output')
}

function examples(lines: readonly (readonly [command: string, meaning: string])[]): string {
  return `\nExamples:\n${lines.map(([command, meaning]) => `  ${command}\n      ${meaning}`).join('\n')}\n
Rows are read by DuckDB (npm package @duckdb/node-api, optional; images of Silt leave it out). Files of a table in S3 are copied to TMPDIR meanwhile.`
}

/** The statement has blanks in it, or more than a word; a path that has some as well comes second. */
function sqlAndTable(
  first: string,
  second: string | undefined,
): { readonly sql: string; readonly path: string | undefined } {
  const isSql = (text: string): boolean => /^\s*(\(|--|\/\*|[a-z]+[\s*('"])/i.test(text)
  if (second === undefined && !isSql(first)) {
    const message = `${JSON.stringify(first)} is no statement; silt table query "SELECT count(*) FROM t" [table]`
    throw new SiltError('invalid', 'table/query-failed', message)
  }
  return second !== undefined && !isSql(first) && isSql(second)
    ? { sql: second, path: first }
    : { sql: first, path: second }
}

function positive(text: string): number {
  const value = wholeNumber(text)
  if (value === 0) throw new InvalidArgumentError('must be at least 1')
  return value
}
