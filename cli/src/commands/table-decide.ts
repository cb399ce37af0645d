import type { Command } from 'commander'
import { loadState } from '@silt/delta'
import { OnDemandReader } from '@silt/parquet/reader'
import { openSource } from '../compose/open-source.ts'
import { viewTopic } from '../partition/partition-report.ts'
import { adopt } from '../table/adopt.ts'
import { commitDecision } from '../table/commit-decision.ts'
import { pause } from '../table/pause.ts'
import { resume } from '../table/resume.ts'
import { startOffsets } from '../table/start-offsets.ts'
import { pauseLine, readPause } from '../table/table-standing.ts'
import type { Terminal } from '../terminal.ts'
import { operatorName } from './operator-name.ts'
import { wholeNumber } from './whole-number.ts'
import { decisionDeps, withTable } from './with-settings.ts'

/** `silt table adopt|pause|resume`: an operator's decisions, each one commit. */
export function addTableDecisionCommands(table: Command, terminal: Terminal): void {
  table
    .command('adopt [table]')
    .description(
      'Take over a table another engine made. Its columns must fit the event table; missing ones are added. Existing rows stay as they are.',
    )
    .requiredOption(
      '--start-from <where>',
      'earliest, latest, an ISO time, or partition:offset,… : where each partition begins; progress: where the table says, if it was adopted before',
    )
    .action((path: string | undefined, options: { startFrom: string }) =>
      withTable(
        terminal,
        async (open, settings) => {
          const source = openSource(settings, terminal)
          try {
            const view = await viewTopic(source, settings.KAFKA_TOPIC)
            const offsets = await startOffsets(source, view, options.startFrom)
            const deps = decisionDeps(terminal, settings, open)
            const version = await commitDecision(deps, (state) =>
              adopt(view, offsets, options.startFrom, operatorName(terminal), state),
            )
            const begins = [...offsets].map(([partition, offset]) => `partition ${partition} from ${offset}`).join(', ')
            terminal.print(`adopted as version ${version}: ${begins === '' ? 'going on from its progress' : begins}`)
          } finally {
            await source.close()
          }
        },
        path,
      ),
    )

  table
    .command('pause [table]')
    .description(
      'Let nothing be committed until silt table resume: ingestors cut nothing, the committer waits, Kafka keeps what comes. Recorded in the table, so restarts do not end it.',
    )
    .option('--reason <text>', 'shown to whoever finds it paused', '')
    .action((path: string | undefined, options: { reason: string }) =>
      withTable(
        terminal,
        async (open, settings) => {
          const decide = pause(options.reason, operatorName(terminal), () => terminal.clock.nowMs())
          const version = await commitDecision(decisionDeps(terminal, settings, open), decide)
          if (version !== undefined) return terminal.print(`paused as version ${version}`)
          const state = await loadState(open.store, new OnDemandReader())
          const found = state && (await readPause(open.store, state))
          terminal.print(`nothing to do: ${found === undefined ? 'the table was paused already' : pauseLine(found)}`)
        },
        path,
      ),
    )

  table
    .command('resume [table]')
    .description(
      'Let a paused table go on, and release one that is parked because it was restored or overwritten. Recorded in the table.',
    )
    .option('--reason <text>', 'why rows may go on from the present progress; a parked table asks for it')
    .option('--at-version <n>', 'the version you have looked at; default: the newest', wholeNumber)
    .action((path: string | undefined, options: { reason?: string; atVersion?: number }) =>
      withTable(
        terminal,
        async (open, settings) => {
          const request = { reason: options.reason, by: operatorName(terminal), atVersion: options.atVersion }
          const version = await commitDecision(decisionDeps(terminal, settings, open), resume(request, open.store))
          terminal.print(
            version === undefined
              ? 'nothing to do: the table is neither paused nor parked'
              : `resumed as version ${version}`,
          )
        },
        path,
      ),
    )
}
