import type { PipelineResult } from '../pipeline/section.ts'
import type { CaseResult } from '../stages/section.ts'
import { micros, whole } from './markdown.ts'
import { find } from './stage-tables.ts'

// Told apart by people who do not see all colours (Okabe and Ito).
const contenders = [
  { name: 'exact', label: 'exact path (Arrow, parquet-wasm)', colour: '#cc79a7' },
  { name: 'duckdb', label: 'DuckDB, NDJSON to Parquet', colour: '#d55e00' },
  { name: 'kafka', label: 'Silt, Kafka to file', colour: '#0072b2' },
  { name: 'plane', label: 'Silt, scan + encode', colour: '#009e73' },
] as const
const width = 960
const left = 70
const plotRight = 690
const [linesTop, linesBottom] = [64, 344]
const barsTop = 412
const barHeight = 24
const barsLeft = 250
const barMax = 480
const microsTicks = [0.5, 1, 2, 5, 10, 20, 50, 100]

/** CPU per event by the size of a unit, both axes logarithmic, and of whole pipelines as bars. */
export function benchChart(stages: readonly CaseResult[], pipeline: readonly PipelineResult[]): string {
  const folder = pipeline.filter(({ store }) => store === 'folder')
  const height = barsTop + 30 + folder.length * (barHeight + 10) + 20
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12" fill="#222">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    heading(28, 'CPU per event by rows of a unit, µs (logarithmic)'),
    ...drawLines(stages.filter(({ axis }) => axis === 'unit size')),
    heading(barsTop, 'Whole pipeline, CPU per event of all processes, µs; events per second from process start'),
    ...drawBars(folder),
    '</svg>',
    '',
  ].join('\n')
}

function drawLines(cases: readonly CaseResult[]): string[] {
  const rows = cases.map(({ label }) => Number(label.replaceAll(',', '')))
  const x = scale(Math.min(...rows), Math.max(...rows), left, plotRight)
  const y = scale(microsTicks[0] as number, microsTicks.at(-1) as number, linesBottom, linesTop)
  const grid = microsTicks.flatMap((tick) => [
    `<line x1="${left}" x2="${plotRight}" y1="${at(y(tick))}" y2="${at(y(tick))}" stroke="#ddd"/>`,
    text(left - 8, y(tick) + 4, String(tick), 'end'),
  ])
  const ticks = rows.map((each, index) => text(x(each), linesBottom + 20, cases[index]?.label ?? '', 'middle'))
  const lines = contenders.flatMap(({ name, label, colour }, index) => {
    const points = cases.flatMap((each, point) => {
      const found = find(each, name)?.cpuMicrosPerEvent.median
      return found === undefined ? [] : [`${at(x(rows[point] as number))},${at(y(found))}`]
    })
    const dots = points.map((point) => {
      const [cx, cy] = point.split(',')
      return `<circle cx="${cx}" cy="${cy}" r="3" fill="${colour}"/>`
    })
    return [
      `<polyline fill="none" stroke="${colour}" stroke-width="2" points="${points.join(' ')}"/>`,
      ...dots,
      `<text x="${plotRight + 20}" y="${linesTop + 20 + index * 22}" fill="${colour}">${label}</text>`,
    ]
  })
  return [...grid, ...ticks, ...lines]
}

function drawBars(results: readonly PipelineResult[]): string[] {
  const most = Math.max(1, ...results.map(({ median }) => median.cpuMicrosPerEvent))
  return results.flatMap(({ median }, index) => {
    const y = barsTop + 18 + index * (barHeight + 10)
    const length = (median.cpuMicrosPerEvent / most) * barMax
    const colour = median.label.startsWith('Silt') ? '#0072b2' : '#d55e00'
    return [
      text(barsLeft - 10, y + 17, median.label, 'end'),
      `<rect x="${barsLeft}" y="${y}" width="${at(length)}" height="${barHeight}" fill="${colour}"/>`,
      `<text x="${at(barsLeft + length + 8)}" y="${y + 17}">${micros(median.cpuMicrosPerEvent)} µs, ${whole(median.eventsPerSecond)} events/s</text>`,
    ]
  })
}

/** Logarithmic, from values to places. */
function scale(fromValue: number, toValue: number, from: number, to: number): (value: number) => number {
  const span = Math.log(toValue / fromValue)
  return (value) => from + (span === 0 ? 0 : (Math.log(value / fromValue) / span) * (to - from))
}

function heading(y: number, what: string): string {
  return `<text x="${left}" y="${y}" font-size="15" font-weight="bold">${what}</text>`
}

function text(x: number, y: number, what: string, anchor: 'middle' | 'end'): string {
  return `<text x="${at(x)}" y="${at(y)}" text-anchor="${anchor}">${what}</text>`
}

function at(value: number): string {
  return String(Math.round(value * 10) / 10)
}
