import { Command } from 'commander'
import { OnDemandReader } from '@silt/parquet/reader'
import { auditTable, type AuditReport, type PartitionAudit } from '../audit/audit-table.ts'
import { exitCodes, FoundFault } from '../exit-code.ts'
import type { Terminal } from '../terminal.ts'
import { withTable } from './with-settings.ts'

export function auditCommand(terminal: Terminal): Command {
  return new Command('audit')
    .option('--json', 'the whole report as one JSON object')
    .addHelpText(
      'after',
      `
Verdicts:
  proved             every offset is a row, a dead letter or a counted gap, once
  explained          the same, counting offsets an operator gave up (silt partition accept-gap)
  removed-by-others  rows are missing and the log shows who removed data
  unverifiable       what would prove it is gone: the counters, or the commits that told who removed rows
  failed             an offset twice, or missing without a reason; progress that the commits do not explain`,
    )
    .action((options: { json?: true }) =>
      withTable(terminal, async ({ store, deadLetterStore }) => {
        const report = await auditTable({
          store,
          deadLetterStore,
          reader: new OnDemandReader(),
          clock: terminal.clock,
          onProgress: progressLine(terminal),
        })
        if (options.json === true) terminal.print(JSON.stringify(report))
        else for (const line of reportLines(report)) terminal.print(line)
        if (report.verdict === 'failed') throw new FoundFault('the audit failed')
        if (isUnverifiable(report))
          throw new FoundFault('the audit proved nothing: what would prove it is gone', exitCodes.unverifiable)
      }),
    )
}

/** Also beside a partition whose rows others removed, which is the graver verdict of the two. */
function isUnverifiable({ verdict, partitions }: AuditReport): boolean {
  return verdict === 'unverifiable' || partitions.some((each) => each.verdict === 'unverifiable')
}

function progressLine(terminal: Terminal): (read: number, total: number) => void {
  let shownMs = terminal.clock.monotonicMs()
  return (read, total) => {
    if (!terminal.interactive) return
    if (read === total) return terminal.note('\r\u001b[K')
    if (terminal.clock.monotonicMs() - shownMs < 500) return
    shownMs = terminal.clock.monotonicMs()
    terminal.note(`\r\u001b[Kreading file ${read} of ${total}`)
  }
}

function reportLines(report: AuditReport): readonly string[] {
  return [
    ...report.partitions.map(partitionLine),
    ...report.faults,
    ...(report.foreignRows > 0 ? [`${report.foreignRows} rows were not written by Silt`] : []),
    ...report.foreignCommits.map(
      ({ table, version, kind, operation }) =>
        `version ${version}${table === 'main' ? '' : ' of the dead-letter table'} by others: ${operation ?? 'unnamed'} (${kind})`,
    ),
    `${report.verdict}: version ${report.version} of ${report.table}, ${report.rows} rows and ${report.deadLetters} dead letters`,
  ]
}

function partitionLine(each: PartitionAudit): string {
  const counts = `[${each.first}, ${each.next}) = ${each.rows} rows + ${each.deadLetters} dead letters + ${each.gaps} gaps + ${each.accepted} given up`
  const faults = [
    each.unaccounted === 0 ? '' : `, ${each.unaccounted} unaccounted`,
    each.duplicates === 0 ? '' : `, ${each.duplicates} duplicates`,
    each.outside === 0 ? '' : `, ${each.outside} outside`,
  ].join('')
  return `${each.verdict} ${each.topic}/${each.partition}: ${counts}${faults} (${each.because.join('; ')})`
}
