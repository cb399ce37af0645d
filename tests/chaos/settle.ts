import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { auditReport } from '../support/audit-report.ts'
import type { Deployment } from '../support/deployment.ts'
import { settled } from '../support/partition-status.ts'
import { runPython } from '../support/python.ts'
import { silt } from '../support/silt-process.ts'
import { countDataFiles } from '../support/table-store.ts'
import { readLedger, readPlaced, type Load, type TopicAt } from './clients.ts'
import { countExactly } from './exact-count.ts'
import type { Settled } from './report.ts'
import type { Squad } from './squad.ts'

const drainMsMax = 240_000
/** What processes log where two of them, or one and its own past, met: how often the protocol had something to decide. */
const races = [
  'a commit has no answer, reading the log',
  'another commit took the version, building anew',
  'commit job was in already',
  'commit job dropped, its ranges are to be planned again',
  'unit is behind txn',
  'partitions did not move, planned again',
  'a job is no longer ours',
  'lost the lease, standing by',
]

/**
 * Ends the load, waits until the table holds what is readable, ends the processes, and counts: by `silt audit`, by `silt table check`, and id by id
 * by clients that are not ours. Lists and ledger are files of `folder`.
 */
export async function settle(
  { direct, at, load, squad }: { direct: Deployment; at: TopicAt; load: Load; squad: Squad },
  folder: string,
  note: (text: string) => void,
): Promise<Settled> {
  const loaded = await load.stop()
  note(`load ended ${JSON.stringify(loaded)}\n${load.troubles}`)
  const fromMs = Date.now()
  const isDrained = await drained(direct, note)
  const drainedAfterMs = isDrained ? Date.now() - fromMs : undefined
  const exitCodes = await squad.terminate()
  const warnings = squad.said(0, Date.now())
  note(`drained ${String(isDrained)}, exit codes ${JSON.stringify(exitCodes)}`)
  const audit = await auditReport(direct).catch((error: unknown) => ({ verdict: String(error) }))
  const check = await silt(['table', 'check', '--rows'], direct.environment)
  note(`table check ${check.stdout}${check.stderr}`)
  const [topicList, tableList] = [join(folder, 'topic.txt'), join(folder, 'table.txt')]
  const { bootstrapServers, topic, partitions } = at
  await runPython(script('topic_ids.py'), [bootstrapServers, topic, String(partitions), topicList])
  const tableArgs = [direct.tableUri, tableList]
  const table = await runPython<Settled['table']>(script('table_ids.py'), tableArgs, direct.readerEnvironment)
  return {
    restarts: squad.restarts,
    selfEnded: squad.selfEnded,
    internalErrors: warnings.filter(([what]) => what.includes('internal')),
    warnings,
    races: races.map((message) => [message, squad.times(message)]),
    orphanFiles: (await countDataFiles(direct)) - table.files,
    exitCodes,
    loadFailures: loaded.failures,
    drainedAfterMs,
    table,
    count: countExactly(readLedger(ledgerIn(folder)), readPlaced(topicList), readPlaced(tableList)),
    auditVerdict: audit.verdict,
    tableCheckCode: check.code,
  }
}

/** Where the load writes down what became of each event. */
export function ledgerIn(folder: string): string {
  return join(folder, 'ledger.txt')
}

async function drained(direct: Deployment, note: (text: string) => void): Promise<boolean> {
  try {
    await settled(direct, drainMsMax)
    return true
  } catch (error) {
    note(String(error))
    return false
  }
}

function script(name: string): string {
  return fileURLToPath(new URL(name, import.meta.url))
}
