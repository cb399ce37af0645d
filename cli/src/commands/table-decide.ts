import type { Command } from 'commander'
import { HyparquetReader } from '@silt/parquet'
import { parseStartFrom, startOffset } from '@silt/ingestor'
import { openSource } from '../compose/open-source.ts'
import { viewTopic, type TopicView } from '../partition/partition-report.ts'
import { adopt } from '../table/adopt.ts'
import { commitDecision } from '../table/commit-decision.ts'
import { resume } from '../table/resume.ts'
import { readsBack } from '../table/open-table.ts'
import type { Terminal } from '../terminal.ts'
import { operatorName } from './partition.ts'
import { wholeNumber } from './whole-number.ts'
import { withTable } from './with-settings.ts'

/** `silt table adopt|resume`: an operator's decisions, each one commit. */
export function addTableDecisionCommands(table: Command, terminal: Terminal): void {
  table
    .command('adopt')
    .description(
      'Take over a table another engine made. Its columns must fit the event table; missing ones are added. Existing rows stay as they are.',
    )
    .requiredOption(
      '--start-from <where>',
      'earliest, latest, an ISO time, or partition:offset,… : where each partition begins',
    )
    .action((options: { startFrom: string }) =>
      withTable(terminal, async ({ store }, settings) => {
        const source = openSource(settings, terminal)
        try {
          const view = await viewTopic(source, settings.KAFKA_TOPIC)
          const offsets = await startOffsets(view, options.startFrom, (timeMs) =>
            source.offsetAtTime(
              view.topic,
              view.partitions.map(({ partition }) => partition),
              timeMs,
            ),
          )
          const deps = {
            store,
            reader: new HyparquetReader(),
            clock: terminal.clock,
            random: terminal.random,
            readBack: readsBack(settings),
          }
          const version = await commitDecision(deps, (state) =>
            adopt(view, offsets, options.startFrom, operatorName(), state),
          )
          terminal.print(
            `adopted as version ${version}: ${[...offsets].map(([partition, offset]) => `partition ${partition} from ${offset}`).join(', ')}`,
          )
        } finally {
          await source.close()
        }
      }),
    )

  table
    .command('resume')
    .description(
      'Release a table that is parked because another engine restored or overwrote it. Recorded in the table.',
    )
    .requiredOption('--reason <text>', 'why rows may go on from the present progress')
    .option('--at-version <n>', 'the version you have looked at; default: the newest', wholeNumber)
    .action((options: { reason: string; atVersion?: number }) =>
      withTable(terminal, async ({ store }, settings) => {
        const deps = {
          store,
          reader: new HyparquetReader(),
          clock: terminal.clock,
          random: terminal.random,
          readBack: readsBack(settings),
        }
        const version = await commitDecision(deps, resume(options.reason, operatorName(), options.atVersion))
        terminal.print(`resumed as version ${version}`)
      }),
    )
}

async function startOffsets(
  view: TopicView,
  startFromText: string,
  offsetAtTime: (timeMs: number) => Promise<ReadonlyMap<number, number>>,
): Promise<ReadonlyMap<number, number>> {
  const from = parseStartFrom(startFromText)
  const atTime = from.kind === 'time' ? await offsetAtTime(from.timeMs) : new Map<number, number>()
  return new Map(view.ends.map((ends) => [ends.partition, startOffset(from, ends, atTime.get(ends.partition))]))
}
