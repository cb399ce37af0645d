import { InvalidArgumentError, type Command } from 'commander'
import { OnDemandReader } from '@silt/parquet/reader'
import { decodePath, history, loadSnapshot, noTable } from '@silt/delta'
import { commitLine, describeCommit } from '../table/describe-commit.ts'
import { describeTable, numRecords, tableLines } from '../table/describe-table.ts'
import { catTable } from '../table/cat-table.ts'
import { standingOf } from '../table/table-standing.ts'
import type { Terminal } from '../terminal.ts'
import { wholeNumber } from './whole-number.ts'
import { withTable } from './with-settings.ts'

interface AtVersion {
  readonly version?: number
}

/** `silt table show|history|files|cat`: looking, never touching. */
export function addTableReadCommands(table: Command, terminal: Terminal): void {
  const reader = new OnDemandReader()

  table
    .command('show')
    .description('What the table is: version, protocol, schema, files, rows, progress.')
    .option('--version <n>', 'as of this version', wholeNumber)
    .option('--json', 'as one JSON object')
    .action((options: AtVersion & { json?: true }) =>
      withTable(terminal, async ({ store }) => {
        const snapshot = await loadSnapshot(store, reader, options)
        const description = describeTable(store.location, snapshot, await standingOf(store, snapshot))
        if (options.json === true) terminal.print(JSON.stringify(description))
        else for (const line of tableLines(description)) terminal.print(line)
      }),
    )

  table
    .command('history')
    .description(
      'Commits, newest first, as far back as the log is kept: operation, who (engine, and operator of a decision), files and rows that came and went.',
    )
    .option('--limit <n>', 'at most so many', wholeNumber, 20)
    .option('--json', 'one JSON object a line')
    .action((options: { limit: number; json?: true }) =>
      withTable(terminal, async ({ store }) => {
        const entries = await history(store, { limit: options.limit })
        if (entries.length === 0 && options.limit > 0) throw noTable(store.location)
        for (const { timestampMs, entry } of entries) {
          const commit = describeCommit(entry, timestampMs)
          terminal.print(options.json === true ? JSON.stringify(commit) : commitLine(commit))
        }
      }),
    )

  table
    .command('files')
    .description('Live data files with rows and bytes.')
    .option('--version <n>', 'as of this version', wholeNumber)
    .option('--json', 'one JSON object a line')
    .action((options: AtVersion & { json?: true }) =>
      withTable(terminal, async ({ store }) => {
        for (const add of (await loadSnapshot(store, reader, options)).files.values()) {
          const rows = numRecords(add.stats)
          if (options.json === true)
            terminal.print(
              JSON.stringify({
                path: decodePath(add.path),
                rows,
                bytes: add.size,
                partitionValues: add.partitionValues,
              }),
            )
          else
            terminal.print(
              `${String(rows ?? '?').padStart(9)} rows ${String(add.size).padStart(12)} bytes  ${decodePath(add.path)}`,
            )
        }
      }),
    )

  table
    .command('cat')
    .description(
      'Rows as JSON lines: longs beyond 2^53 as text, timestamps as ISO text with microseconds, binary as base64.',
    )
    .option('--version <n>', 'as of this version', wholeNumber)
    .option('--columns <names>', 'only these, separated by commas', (text) => text.split(','))
    .option('--limit <n>', 'at most so many rows', positive)
    .option('--dead-letters', 'of the dead-letter table instead')
    .action((options: AtVersion & { columns?: string[]; limit?: number; deadLetters?: true }) =>
      withTable(terminal, ({ store, deadLetterStore }) =>
        catTable(options.deadLetters === true ? deadLetterStore : store, reader, options, (line) =>
          terminal.print(line),
        ),
      ),
    )
}

function positive(text: string): number {
  const value = wholeNumber(text)
  if (value === 0) throw new InvalidArgumentError('must be at least 1')
  return value
}
