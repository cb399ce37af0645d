import type { Command } from 'commander'
import { SiltError } from '@silt/core'
import { OnDemandReader } from '@silt/parquet/reader'
import { history, loadSnapshot, loadState, noTable } from '@silt/delta'
import { commitLine, describeCommit } from '../table/describe-commit.ts'
import { countRows, liveRows, shownPath } from '../table/count-rows.ts'
import { diffLines, diffVersions } from '../table/diff-versions.ts'
import { describeTable, tableLines } from '../table/describe-table.ts'
import { standingOf } from '../table/table-standing.ts'
import type { Terminal } from '../terminal.ts'
import { asOfOptions, versionOf, type AsOf } from './as-of.ts'
import { wholeNumber } from './whole-number.ts'
import { withTable } from './with-settings.ts'

/** `silt table show|history|files|diff`: looking, never touching. */
export function addTableReadCommands(table: Command, terminal: Terminal): void {
  const reader = new OnDemandReader()

  asOfOptions(
    table
      .command('show [table]')
      .description('What the table is: version, protocol, features, schema, files, rows, progress.'),
  )
    .option('--json', 'as one JSON object')
    .action((path: string | undefined, options: AsOf & { json?: true }) =>
      withTable(
        terminal,
        async ({ store }) => {
          const snapshot = await loadSnapshot(store, reader, versionOf(options))
          const rows = await countRows(store, snapshot.files.values())
          const description = describeTable(store.location, snapshot, await standingOf(store, snapshot), rows)
          if (options.json === true) terminal.print(JSON.stringify(description))
          else for (const line of tableLines(description)) terminal.print(line)
        },
        path,
      ),
    )

  table
    .command('history [table]')
    .description(
      'Commits, newest first, as far back as the log is kept: operation, who (engine, and operator of a decision), files and rows that came and went.',
    )
    .option('--limit <n>', 'at most so many', wholeNumber, 20)
    .option('--json', 'one JSON object a line')
    .action((path: string | undefined, options: { limit: number; json?: true }) =>
      withTable(
        terminal,
        async ({ store }) => {
          const entries = await history(store, { limit: options.limit })
          if (entries.length === 0 && (await loadState(store, reader)) === undefined) throw noTable(store.location)
          for (const { timestampMs, entry } of entries) {
            const commit = describeCommit(entry, timestampMs)
            terminal.print(options.json === true ? JSON.stringify(commit) : commitLine(commit))
          }
        },
        path,
      ),
    )

  asOfOptions(table.command('files [table]').description('Live data files with rows and bytes.'))
    .option('--json', 'one JSON object a line')
    .action((path: string | undefined, options: AsOf & { json?: true }) =>
      withTable(
        terminal,
        async ({ store }) => {
          for (const add of (await loadSnapshot(store, reader, versionOf(options))).files.values()) {
            const rows = liveRows(add)
            if (options.json === true)
              terminal.print(
                JSON.stringify({
                  path: shownPath(add.path),
                  rows,
                  bytes: add.size,
                  partitionValues: add.partitionValues,
                }),
              )
            else
              terminal.print(
                `${String(rows ?? '?').padStart(9)} rows ${String(add.size).padStart(12)} bytes  ${shownPath(add.path)}`,
              )
          }
        },
        path,
      ),
    )

  table
    .command('diff <from> <to> [table]')
    .description(
      'What changed between two versions: files and rows added and removed, columns, properties, protocol, progress. Rows by the statistics of files.',
    )
    .option(
      '--json',
      'as one JSON object, with the paths of files, at most 1000 of those that came and of those that went',
    )
    .addHelpText('after', '\nExamples:\n  silt table diff 3 7\n  silt table diff 0 12 s3://lake/orders --json')
    .action((first: string, second: string, third: string | undefined, options: { json?: true }) => {
      const { from, to, path } = versionsAndTable([first, second, ...(third === undefined ? [] : [third])])
      return withTable(
        terminal,
        async ({ store }) => {
          const before = await loadSnapshot(store, reader, { version: from })
          const diff = diffVersions(before, await loadSnapshot(store, reader, { version: to }))
          if (options.json === true) terminal.print(JSON.stringify(diff))
          else for (const line of diffLines(diff)) terminal.print(line)
        },
        path,
      )
    })
}

/** The table may come first as well. */
function versionsAndTable(texts: readonly string[]): {
  readonly from: number
  readonly to: number
  readonly path: string | undefined
} {
  const comesFirst = texts.length === 3 && !/^\d+$/.test(texts[0] as string)
  const [from = '', to = ''] = comesFirst ? texts.slice(1) : texts
  return { from: versionNumber(from), to: versionNumber(to), path: comesFirst ? texts[0] : texts[2] }
}

function versionNumber(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text)
  const message = `${JSON.stringify(text)} is no version; silt table diff <from> <to> [table]`
  throw new SiltError('invalid', 'table/no-such-version', message)
}
