import { metricTable, type MetricDefinition, type Reporter } from '@silt/telemetry'

const reporters: Readonly<Record<Reporter, string>> = {
  ingestor: 'Ingestor',
  writer: 'Writer',
  committer: 'Committer',
  process: 'Every process with actors',
  collector: 'Collector',
  console: 'Console',
}

/** `docs/metrics.md`, from the metric table. */
export function metricsPage(): string {
  const sections = (Object.keys(reporters) as Reporter[]).flatMap((reporter) => section(reporter))
  return `${[...head, ...sections].join('\n')}\n`
}

const head = [
  '# Metrics',
  '',
  '<!-- Written by npm run generate --workspace tests; a test says when it is stale. -->',
  '',
  'Each process answers `/metrics` on OPS_HOST and OPS_PORT in the text format of Prometheus. Counters end in `_total`, times are in seconds,',
  'histograms have buckets from 5 ms to 5 min. `table` is the last segment of DELTA_TABLE_PATH. Labels are bounded: tables, partitions, and names of the code,',
  'never an event, a unit or a key. What is counted is shown as 0 from the start wherever the values of its labels are known. Besides these, the usual',
  '`process_…` and `nodejs_…` metrics of the Prometheus client: memory, processor, event loop, garbage collection.',
]

function section(reporter: Reporter): readonly string[] {
  const own = Object.entries(metricTable).filter(([, definition]) => definition.reporter === reporter)
  if (own.length === 0) return []
  return [
    '',
    `## ${reporters[reporter]}`,
    '',
    '| metric | type | labels | meaning |',
    '|---|---|---|---|',
    ...own.map(row),
  ]
}

function row([name, { type, labels, help, values = {} }]: readonly [string, MetricDefinition]): string {
  const told = labels.map((label) => {
    const known = values[label]
    return known === undefined ? `\`${label}\`` : `\`${label}\` (${known.join(', ')})`
  })
  return `| \`${name}\` | ${type} | ${told.join(', ')} | ${help} |`
}
