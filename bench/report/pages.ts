import type { DeltaResult } from '../delta/section.ts'
import type { Freshness } from '../freshness/freshness.ts'
import type { MemoryResult } from '../memory/section.ts'
import { spreadOf } from '../measure/spread.ts'
import type { PipelineResult } from '../pipeline/section.ts'
import type { ProfileResult } from '../profile/section.ts'
import type { Result } from '../results.ts'
import type { CaseResult } from '../stages/section.ts'
import { benchChart } from './chart.ts'
import { deltaTable } from './delta-table.ts'
import { goalTable } from './goals.ts'
import { environmentText, micros, table, whole, withSection } from './markdown.ts'
import { memoryTables } from './memory-tables.ts'
import { peakRssMiB, pipelineLongTables, pipelineTables } from './pipeline-tables.ts'
import { stageTables } from './stage-tables.ts'

/** What each section measured last; undefined: never. */
export interface Results {
  readonly stages: Result<readonly CaseResult[]> | undefined
  readonly pipeline: Result<readonly PipelineResult[]> | undefined
  /** On a longer topic, where starts weigh less. */
  readonly pipelineLong: Result<readonly PipelineResult[]> | undefined
  readonly memory: Result<readonly MemoryResult[]> | undefined
  readonly profile: Result<ProfileResult> | undefined
  readonly freshness: Result<readonly Freshness[]> | undefined
  readonly delta: Result<readonly DeltaResult[]> | undefined
}

/** `docs/benchmarks.md` with the tables of the results in it. */
export function benchmarksPage(page: string, results: Results): string {
  const { stages, pipeline, pipelineLong, memory, profile, freshness, delta } = results
  const goals = goalTable({
    stages: stages?.measured ?? [],
    pipeline: pipeline?.measured ?? [],
    pipelineLong: pipelineLong?.measured ?? [],
    memory: memory?.measured ?? [],
  })
  const sections: readonly (readonly [string, string])[] = [
    ['goals', goals],
    ['stages', taken(stages, stageTables)],
    ['pipeline', taken(pipeline, pipelineTables)],
    ['pipeline-long', taken(pipelineLong, pipelineLongTables)],
    ['memory', taken(memory, memoryTables)],
    ['profile', taken(profile, profileTable)],
    ['freshness', taken(freshness, freshnessTable)],
    ['delta', taken(delta, deltaTable)],
  ]
  return sections.reduce((text, [name, content]) => withSection(text, name, content), page)
}

/** The README with what it says of the pipeline. */
export function readmePage(page: string, { pipeline }: Results): string {
  const rows = (pipeline?.measured ?? [])
    .filter(({ store }) => store === 'folder')
    .map(({ median }) => [
      median.label,
      whole(median.eventsPerSecond),
      micros(median.cpuMicrosPerEvent),
      median.bytesPerEvent.toFixed(1),
      whole(peakRssMiB(median)),
    ])
  const head = ['', 'events/s from process start', 'CPU µs/event', 'bytes/event', 'peak RSS MiB']
  return withSection(
    page,
    'bench',
    taken(pipeline, () => table(head, rows)),
  )
}

/** `docs/images/bench.svg`. */
export function chart({ stages, pipeline }: Results): string {
  return benchChart(stages?.measured ?? [], pipeline?.measured ?? [])
}

function taken<T>(result: Result<T> | undefined, render: (measured: T) => string): string {
  return result === undefined ? 'Not measured.' : `${environmentText(result.environment)}\n\n${render(result.measured)}`
}

function profileTable({ events, eventBytes, cpuMicrosPerEvent, shares }: ProfileResult): string {
  const rows = shares.map(({ category, share, top }) => [
    category,
    `${(share * 100).toFixed(1)} %`,
    micros(share * cpuMicrosPerEvent),
    top.map((name) => `\`${name}\``).join(', '),
  ])
  const said = `${whole(events)} events of ${Math.round(eventBytes)} B, ${micros(cpuMicrosPerEvent)} µs of CPU an event while profiled, V8's helper threads included:`
  return `${said}\n\n${table(['', 'share', 'µs/event', 'most of it in'], rows)}`
}

function freshnessTable(runs: readonly Freshness[]): string {
  const of = (value: (run: Freshness) => number): string => whole(spreadOf(runs.map(value)).median)
  const cells = [
    of(({ p50Ms }) => p50Ms),
    of(({ p99Ms }) => p99Ms),
    of(({ filesPerMinute }) => filesPerMinute),
    of(({ versionsPerMinute }) => versionsPerMinute),
  ]
  return table(['', 'p50 ms', 'p99 ms', 'files/min', 'versions/min'], [['Silt, three processes', ...cells]])
}
