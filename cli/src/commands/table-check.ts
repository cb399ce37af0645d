import type { Command } from 'commander'
import type { ObjectStore } from '@silt/core'
import { checkTable, type TableCheck } from '@silt/delta'
import { OnDemandReader, footerRowCount } from '@silt/parquet/reader'
import { FoundFault } from '../exit-code.ts'
import type { Terminal } from '../terminal.ts'
import { withTable } from './with-settings.ts'

/** `silt table check`: the checker every test of ours ends with. */
export function addTableCheckCommand(table: Command, terminal: Terminal): void {
  table
    .command('check')
    .description(
      'Check log, checkpoints, progress and files of the table and its dead letters. Exit code 1 on a finding.',
    )
    .option('--rows', 'also open every data file and compare its row count')
    .option('--json', 'one JSON object a table')
    .action((options: { rows?: true; json?: true }) =>
      withTable(terminal, async ({ store, deadLetterStore }) => {
        let faults = 0
        for (const each of [store, deadLetterStore]) {
          const check = await check1(each, options.rows === true)
          faults += check.findings.length
          if (options.json === true) terminal.print(JSON.stringify({ table: each.location, ...check }))
          else for (const line of checkLines(each.location, check)) terminal.print(line)
        }
        if (faults > 0) throw new FoundFault(faults === 1 ? '1 finding' : `${faults} findings`)
      }),
    )
}

function check1(store: ObjectStore, rows: boolean): Promise<TableCheck> {
  return checkTable(store, new OnDemandReader(), rows ? { rowCount: footerRowCount } : {})
}

function checkLines(location: string, check: TableCheck): readonly string[] {
  const version = check.version === undefined ? 'no table' : `version ${check.version}`
  return [
    ...check.findings.map(({ code, where, message }) => `${code} at ${where}: ${message}`),
    `${location}: ${version}, ${check.liveFiles} files, ${check.rows} rows, ${check.commitsRead} commits, ${check.checkpointsCompared} checkpoints compared: ` +
      (check.findings.length === 0 ? 'sound' : `${check.findings.length} findings`),
  ]
}
