import type { Command } from 'commander'
import { openRemoval } from '@silt/object-store'
import { OnDemandReader } from '@silt/parquet/reader'
import { cleanTableLog, type CleanedLog } from '../table/clean-table-log.ts'
import { s3Settings } from '../table/open-table.ts'
import type { Terminal } from '../terminal.ts'
import { withTable } from './with-settings.ts'

/** `silt table clean-log`: the one command that deletes, with the identity for upkeep. */
export function addTableCleanLogCommand(table: Command, terminal: Terminal): void {
  table
    .command('clean-log [table]')
    .description(
      'Delete commits and checkpoints older than delta.logRetentionDuration (30 days), as far as a checkpoint covers them; data files stay. ' +
        'Nothing runs it by itself: it needs the right to delete (deploy/policies/store/upkeep.json), which no actor has. Safe beside a running Silt, and to run again.',
    )
    .option('--dry-run', 'only say what would go')
    .option('--json', 'one JSON object a table')
    .action((path: string | undefined, options: { dryRun?: true; json?: true }) =>
      withTable(
        terminal,
        async (open, settings) => {
          const s3 = s3Settings(settings, terminal)
          const main = openRemoval(open.path, s3, terminal)
          const deadLetters = openRemoval(open.deadLetterPath, s3, terminal)
          try {
            const isDryRun = options.dryRun === true
            const deps = { ...open, reader: new OnDemandReader(), isDryRun }
            for (const cleaned of await cleanTableLog(deps, { main, deadLetters }))
              terminal.print(options.json === true ? jsonOf(cleaned) : lineOf(cleaned, isDryRun))
          } finally {
            await main.close()
            await deadLetters.close()
          }
        },
        path,
      ),
    )
}

function jsonOf({ table, outcome }: CleanedLog): string {
  return JSON.stringify({ table, ...outcome })
}

function lineOf({ table, outcome }: CleanedLog, isDryRun: boolean): string {
  const { commits, checkpointFiles, auxiliaries, sidecars, checkpointVersion, reason } = outcome
  const counts = `${commits} commits, ${checkpointFiles} checkpoint files, ${sidecars} sidecars, ${auxiliaries} other files`
  const done = isDryRun ? 'would be deleted' : 'deleted'
  const where = checkpointVersion === undefined ? reason : `the log begins at version ${checkpointVersion}`
  return `${table}: ${counts} ${done}; ${where}`
}
