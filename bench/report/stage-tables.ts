import type { Measured } from '../measure/in-turns.ts'
import type { CaseResult } from '../stages/section.ts'
import { micros, spreadText, table, type Cell } from './markdown.ts'

const head = [
  'scan + encode',
  'Kafka to file',
  'exact path',
  'DuckDB',
  'scan + encode : DuckDB',
  'Kafka to file : DuckDB',
  'bytes/row',
  'DuckDB, bytes/row',
  'bytes : DuckDB',
]

/** CPU per event, medians (min-max), and what the files weigh. */
export function stageTables(results: readonly CaseResult[]): string {
  const of = (axis: CaseResult['axis']): readonly CaseResult[] => results.filter((each) => each.axis === axis)
  const parts = [
    [
      'By rows of a unit:',
      table(
        ['rows a unit', ...head],
        of('unit size').map((each) => row(each.label, each)),
      ),
    ],
    [
      'By what the events are like, units of 50,000:',
      table(
        ['events', ...head],
        [
          ...of('unit size')
            .filter(({ label }) => label === '50,000')
            .map((each) => row(`typical, ${Math.round(each.eventBytes)} B`, each)),
          ...of('key order').map((each) => row(`keys ${each.label}`, each)),
          ...of('event size').map((each) => row(`${each.label}, ${Math.round(each.eventBytes)} B`, each)),
          ...of('records').map((each) => row(each.label, each)),
        ],
      ),
    ],
    [
      'By the codec of the topic, Kafka to file, units of 100,000:',
      table(
        ['codec', 'µs/event'],
        of('codec').map((each) => [each.label, spreadOf(each, 'kafka')]),
      ),
    ],
    [
      'The floor, each alone:',
      table(
        ['', 'µs/event'],
        of('floor').flatMap(({ measured }) =>
          measured.map(({ name, cpuMicrosPerEvent }) => [name, spreadText(cpuMicrosPerEvent)]),
        ),
      ),
    ],
  ] as const
  return parts.map(([title, of]) => `${title}\n\n${of}`).join('\n\n')
}

function row(label: string, result: CaseResult): Cell[] {
  const plane = find(result, 'plane')
  const duckDb = find(result, 'duckdb')
  const toDuckDb = (name: string): string => ratio(find(result, name), duckDb, (each) => each?.cpuMicrosPerEvent.median)
  return [
    label,
    spreadOf(result, 'plane'),
    spreadOf(result, 'kafka'),
    spreadOf(result, 'exact'),
    spreadOf(result, 'duckdb'),
    toDuckDb('plane'),
    toDuckDb('kafka'),
    plane?.bytesPerRow.toFixed(1) ?? '',
    duckDb?.bytesPerRow.toFixed(1) ?? '',
    ratio(plane, duckDb, (each) => each?.bytesPerRow),
  ]
}

export function find(result: CaseResult | undefined, name: string): Measured | undefined {
  return result?.measured.find((each) => each.name === name)
}

/** `0.55`; empty where one of them was not measured. */
function ratio(
  left: Measured | undefined,
  right: Measured | undefined,
  of: (each: Measured | undefined) => number | undefined,
): string {
  const [over, under] = [of(left), of(right)]
  return over === undefined || under === undefined ? '' : micros(over / under)
}

function spreadOf(result: CaseResult, name: string): string {
  const found = find(result, name)
  return found === undefined ? '' : spreadText(found.cpuMicrosPerEvent)
}
