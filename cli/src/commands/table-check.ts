import { Option, type Command } from 'commander'
import type { ObjectStore } from '@silt/core'
import { checkTable, loadState, type TableCheck } from '@silt/delta'
import { OnDemandReader, footerRowCount } from '@silt/parquet/reader'
import { FoundFault } from '../exit-code.ts'
import { Progress } from '../table/rows/progress.ts'
import type { Terminal } from '../terminal.ts'
import { withTable } from './with-settings.ts'

/** Data that is read without being asked for: seconds, not hours. */
const valuesBytesMax = 256 * 1024 * 1024

interface CheckOptions {
  readonly rows?: true
  readonly values?: true
  readonly logOnly?: true
  readonly json?: true
}

/** `silt table check`: the checker every test of ours ends with. */
export function addTableCheckCommand(table: Command, terminal: Terminal): void {
  table
    .command('check [table]')
    .description(
      'Check log, checkpoints, version checksums, progress and files of the table, and of its dead letters where it has a table of them. Exit code 1 on a finding.',
    )
    .option(
      '--values',
      `hold the statistics of files against every value, and read deletion vectors; default: up to ${valuesBytesMax / 2 ** 20} MiB of data`,
    )
    .addOption(
      new Option('--rows', 'of data files read the footers alone, and compare row counts').conflicts([
        'values',
        'logOnly',
      ]),
    )
    .addOption(
      new Option('--log-only', 'of data files see whether they are there, with their size').conflicts('values'),
    )
    .option('--json', 'one JSON object a table')
    .addHelpText('after', '\nExamples:\n  silt table check --rows\n  silt table check s3://lake/orders --values')
    .action((path: string | undefined, options: CheckOptions) =>
      withTable(
        terminal,
        async ({ store, deadLetterStore }) => {
          let faults = 0
          const isOther = path !== undefined && (await loadState(deadLetterStore, new OnDemandReader())) === undefined
          for (const each of isOther ? [store] : [store, deadLetterStore]) {
            const check = await checkOne(each, options, terminal)
            faults += check.findings.length
            if (options.json === true) terminal.print(JSON.stringify({ table: each.location, ...check }))
            else for (const line of checkLines(each.location, check)) terminal.print(line)
          }
          if (faults > 0) throw new FoundFault(faults === 1 ? '1 finding' : `${faults} findings`)
        },
        path,
      ),
    )
}

async function checkOne(
  store: ObjectStore,
  { rows, values, logOnly }: CheckOptions,
  terminal: Terminal,
): Promise<TableCheck> {
  const progress = new Progress(terminal)
  try {
    return await checkTable(store, new OnDemandReader(), {
      ...(rows === true ? { rowCount: footerRowCount } : {}),
      ...(rows === true || logOnly === true ? {} : { valuesBytesMax: values === true ? Infinity : valuesBytesMax }),
      looked: (files) => progress.tell(() => `${files} files of ${store.location} looked at`),
    })
  } finally {
    progress.end()
  }
}

function checkLines(location: string, check: TableCheck): readonly string[] {
  const version = check.version === undefined ? 'no table' : `version ${check.version}`
  return [
    ...check.findings.map(({ code, where, message }) => `${code} at ${where}: ${message}`),
    `${location}: ${version}, ${check.liveFiles} files, ${check.rows} rows, ${check.commitsRead} commits, ${check.checkpointsCompared} checkpoints compared: ` +
      (check.valuesRead ? 'statistics held against values, ' : '') +
      (check.filesElsewhere > 0 ? `${check.filesElsewhere} files elsewhere not looked at, ` : '') +
      (check.findings.length === 0 ? 'sound' : `${check.findings.length} findings`),
  ]
}
