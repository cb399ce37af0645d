import { svgChart, type Line } from './chart.ts'
import { growthOf, type Growth, type Point } from './growth.ts'
import { settledFigures, tableOf, unsettled, type Settled } from './report.ts'

/** What a soak measured. `series` by the names of `usage.ts`, and `waits`: the age of the oldest event that could be read and was not in the table, ms. */
export interface SoakResult extends Settled {
  readonly minutes: number
  readonly rate: number
  readonly commit: string
  readonly series: ReadonlyMap<string, readonly Point[]>
}

const mebibyte = 2 ** 20

interface Measure {
  readonly title: string
  readonly unit: string
  readonly isOf: (name: string) => boolean
  readonly label: (name: string) => string
  readonly perUnit: number
  /** How much it may rise in any case, in its unit. */
  readonly floor: number
  /** How much more it may rise for each version made while it was judged. */
  readonly floorPerVersion?: number
  /** Grows for as long as nobody cleans the log. */
  readonly byDesign?: true
}

/**
 * A checkpoint lists every live file of its table in a thread, and what the thread frees the allocator keeps: the process grows with the files until
 * they are compacted. A version brings one to each table, some 50 KiB each.
 */
const committerMebibytesPerVersion = 0.125
/** The first third of the time is not judged. */
const judgedPart = 2 / 3

const memory = {
  title: 'Resident memory',
  unit: 'MiB',
  label: (name: string) => name.replace('memory ', ''),
  perUnit: mebibyte,
  floor: 16,
}

const measures: readonly Measure[] = [
  { ...memory, isOf: (name) => /^memory (ingestor|writer)/.test(name) },
  {
    ...memory,
    title: 'Resident memory of committers',
    isOf: (name) => name.startsWith('memory committer'),
    floorPerVersion: committerMebibytesPerVersion,
  },
  {
    title: 'File descriptors',
    unit: 'open',
    isOf: (name) => name.startsWith('descriptors '),
    label: (name) => name.replace('descriptors ', ''),
    perUnit: 1,
    floor: 5,
  },
  {
    title: 'Redis',
    unit: 'MiB',
    isOf: (name) => name === 'redis',
    label: () => 'used_memory',
    perUnit: mebibyte,
    floor: 1,
  },
  {
    title: 'Oldest event that waits',
    unit: 's',
    isOf: (name) => name === 'waits',
    label: () => 'age',
    perUnit: 1_000,
    floor: 3,
  },
  {
    title: 'Objects of _delta_log',
    unit: 'count',
    isOf: (name) => name === 'log objects',
    label: () => 'objects',
    perUnit: 1,
    floor: 0,
    byDesign: true,
  },
  {
    title: 'Bytes of _delta_log',
    unit: 'MiB',
    isOf: (name) => name === 'log bytes',
    label: () => 'bytes',
    perUnit: mebibyte,
    floor: 0,
    byDesign: true,
  },
]

interface Judged {
  readonly measure: Measure
  readonly label: string
  readonly growth: Growth
}

/** What of a soak is not as it must be; empty when it passed. */
export function soakFaults(result: SoakResult): readonly string[] {
  const growing = judged(result)
    .filter(({ measure, growth }) => growth.grows && measure.byDesign !== true)
    .map(
      ({ measure, label, growth }) =>
        `${measure.title} of ${label} grows by ${short(growth.perHour)} ${measure.unit} an hour`,
    )
  const missing = measures
    .filter(({ isOf }) => ![...result.series.keys()].some(isOf))
    .map(({ title }) => `${title} was never measured`)
  const restarted = Object.entries(result.restarts).filter(([, times]) => times > 0)
  return [
    ...missing,
    ...growing,
    ...restarted.map(([name, times]) => `${name} was started again ${times} times`),
    ...unsettled(result),
  ]
}

export function soakChart(result: SoakResult): string {
  const panels = measures.map(({ title, unit, isOf, label, perUnit }) => ({
    title,
    unit,
    lines: [...result.series]
      .filter(([name]) => isOf(name))
      .map(([name, points]): Line => ({
        name: label(name),
        points: points.map(({ atMs, value }) => ({ atMs, value: value / perUnit })),
      })),
  }))
  return svgChart(`Soak: ${result.minutes} minutes at ${result.rate} events a second`, panels)
}

/** The figures as Markdown. */
export function soakMarkdown(result: SoakResult): string {
  const found = soakFaults(result)
  const lines = [
    `\`npm run soak -- --minutes ${result.minutes} --rate ${result.rate}\` at ${result.commit}: **${found.length === 0 ? 'passed' : 'FAILED'}**`,
    '',
    ...found.map((each) => `- ${each}`),
    ...(found.length === 0 ? [] : ['']),
    ...tableOf(
      ['figure', 'of', 'median', 'most', 'slope an hour', 'verdict'],
      judged(result).map((each) => [
        `${each.measure.title}, ${each.measure.unit}`,
        each.label,
        short(each.growth.median),
        short(each.growth.most),
        short(each.growth.perHour),
        verdict(each),
      ]),
    ),
    '',
    ...tableOf(['figure', 'value'], settledFigures(result)),
  ]
  return `${lines.join('\n')}\n`
}

function verdict({ measure, growth }: Judged): string {
  if (measure.byDesign === true) return 'grows by design, until the log is cleaned'
  if (growth.grows) return 'GROWS'
  return measure.floorPerVersion === undefined ? 'steady' : 'no more than its live files explain'
}

function judged({ series, table }: SoakResult): readonly Judged[] {
  return measures.flatMap((measure) =>
    [...series]
      .filter(([name]) => measure.isOf(name))
      .map(([name, points]) => ({
        measure,
        label: measure.label(name),
        growth: growthOf(
          points.map(({ atMs, value }) => ({ atMs, value: value / measure.perUnit })),
          measure.floor + (measure.floorPerVersion ?? 0) * table.version * judgedPart,
        ),
      })),
  )
}

function short(value: number): string {
  return String(Number(value.toPrecision(3)))
}
