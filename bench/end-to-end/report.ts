import type { Freshness } from './freshness.ts'
import type { RunMeasure } from './measure-run.ts'

/** Medians by label, as a Markdown table. */
export function runTable(measures: readonly RunMeasure[], sourceBytesPerEvent: number): string {
  const labels = [...new Set(measures.map(({ label }) => label))]
  const rows = labels.map((label) => {
    const of = measures.filter((each) => each.label === label)
    const cpu = of.map((each) => each.cpuMicrosPerEvent)
    return [
      label,
      round(median(of.map((each) => each.eventsPerSecond)), 0),
      `${round(median(cpu), 2)} (${round(Math.min(...cpu), 2)}-${round(Math.max(...cpu), 2)})`,
      round(median(of.map((each) => each.bytesPerEvent)), 1),
      round(median(of.map((each) => each.peakRssMiB)), 0),
      round(median(of.map((each) => each.files)), 0),
      round(median(of.map((each) => each.dataCommits)), 0),
      of.length,
    ]
  })
  return table(
    ['', 'events/s', 'CPU µs/event, median (min-max)', 'bytes/event', 'peak RSS MiB', 'files', 'versions', 'runs'],
    [...rows, [`(source: ${round(sourceBytesPerEvent, 0)} bytes of JSON an event)`, '', '', '', '', '', '', '']],
  )
}

/** Medians of the runs. */
export function freshnessTable(runs: readonly Freshness[], processes: number): string {
  const of = (value: (run: Freshness) => number): string => round(median(runs.map(value)), 0)
  return table(
    ['200 events/s, time-out 1 s', 'p50 ms', 'p99 ms', 'files/min', 'versions/min', 'runs'],
    [
      [
        `silt, ${processes} processes`,
        of(({ p50Ms }) => p50Ms),
        of(({ p99Ms }) => p99Ms),
        of(({ filesPerMinute }) => filesPerMinute),
        of(({ versionsPerMinute }) => versionsPerMinute),
        runs.length,
      ],
    ],
  )
}

function table(head: readonly string[], rows: readonly (readonly (string | number)[])[]): string {
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line), ''].join('\n')
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? Number.NaN)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

function round(value: number, digits: number): string {
  return value.toFixed(digits)
}
