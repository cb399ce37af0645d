import { Command } from 'commander'
import { loadState, noTable, type TableState } from '@silt/delta'
import { OnDemandReader } from '@silt/parquet/reader'
import { openSource } from '../compose/open-source.ts'
import { acceptGap, commitOnTopic, restartAll, restartPartitions } from '../partition/decide-partition.ts'
import { reportPartitions, viewTopic, type PartitionReport, type TopicView } from '../partition/partition-report.ts'
import type { DecidedChange } from '../table/commit-decision.ts'
import { pauseLine, readPause, type PauseReport } from '../table/table-standing.ts'
import { FoundFault } from '../exit-code.ts'
import type { Terminal } from '../terminal.ts'
import { operatorName } from './operator-name.ts'
import { wholeNumber } from './whole-number.ts'
import { decisionDeps, withTable } from './with-settings.ts'

export function partitionCommand(terminal: Terminal): Command {
  const partition = new Command('partition')
  partition
    .command('status')
    .description(
      'Per partition: progress, readable range, lag, and why it stopped with the command that releases it. Exit code 1 when one is stopped.',
    )
    .option('--json', 'one JSON object a line')
    .action(async (options: { json?: true }) => {
      const { reports, paused } = await lookAt(terminal)
      if (paused !== undefined && options.json !== true) terminal.print(pauseLine(paused))
      for (const report of reports)
        terminal.print(
          options.json === true ? JSON.stringify({ ...report, paused: paused ?? null }) : statusLine(report),
        )
      if (reports.some(({ assessment }) => assessment.kind === 'stopped'))
        throw new FoundFault('a partition is stopped')
    })
  partition
    .command('accept-gap')
    .argument('<partition>', 'number of the stopped partition', wholeNumber)
    .description(
      'Give up the offsets that retention deleted before they were committed, and go on. Recorded in the table; the audit explains the hole by it.',
    )
    .action((number: number) =>
      decideOn(terminal, (view, sourceKind, state) =>
        acceptGap(view, number, state, { sourceKind, by: operatorName(terminal) }),
      ),
    )
  partition
    .command('restart')
    .argument('<partition>', 'number of the stopped partition, or "all" that need it', (text) =>
      text === 'all' ? text : wholeNumber(text),
    )
    .description(
      'Begin a partition again as a new log: its topic was made again, or its log was cut below what is committed. Old rows stay.',
    )
    .action((which: 'all' | number) =>
      decideOn(terminal, (view, sourceKind, state) => {
        const operator = { sourceKind, by: operatorName(terminal) }
        return which === 'all' ? restartAll(view, state, operator) : restartPartitions(view, [which], state, operator)
      }),
    )
  return partition
}

type SourceKind = Parameters<typeof reportPartitions>[1]

interface TopicStatus {
  readonly reports: readonly PartitionReport[]
  readonly paused: PauseReport | undefined
}

function lookAt(terminal: Terminal): Promise<TopicStatus> {
  return withTable(terminal, async ({ store }, settings) => {
    const source = openSource(settings, terminal)
    try {
      const state = await loadState(store, new OnDemandReader())
      if (state === undefined) throw noTable(store.location)
      const view = await viewTopic(source, settings.KAFKA_TOPIC)
      return { reports: reportPartitions(view, source.kind, state), paused: await readPause(store, state) }
    } finally {
      await source.close()
    }
  })
}

function decideOn(
  terminal: Terminal,
  decide: (view: TopicView, kind: SourceKind, state: TableState) => DecidedChange,
): Promise<void> {
  return withTable(terminal, async (open, settings) => {
    const source = openSource(settings, terminal)
    try {
      const deps = { ...decisionDeps(terminal, settings, open), source }
      const version = await commitOnTopic(deps, settings.KAFKA_TOPIC, (view, state) => decide(view, source.kind, state))
      terminal.print(`committed as version ${version}`)
    } finally {
      await source.close()
    }
  })
}

function statusLine({ topicPartition, ends, assessment }: PartitionReport): string {
  const next = assessment.kind === 'unseen' ? undefined : assessment.progress?.next
  const lag = next === undefined ? 'not started' : `next ${next}, lag ${Math.max(0, ends.readableEnd - next)}`
  const held = `source holds [${ends.logStart}, ${ends.readableEnd})`
  const state = assessment.kind === 'stopped' ? `STOPPED ${assessment.code}\n  ${assessment.message}` : assessment.kind
  return `partition ${topicPartition.partition}: ${lag}; ${held}; ${state}`
}
