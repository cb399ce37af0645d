import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventTableSchema } from '@silt/contracts'
import { field, struct, type EncodeSpec, type RowRules } from '@silt/core'
import { typicalEvents } from '../events/event-maker.ts'
import { writeEvents } from '../events/write-events.ts'
import { inTurns, type Contender } from '../measure/in-turns.ts'
import { exactStage, planeStage } from '../stages/encode-stages.ts'
import { eventSpec, readUnits } from '../stages/event-units.ts'

const usage = `npm run rules --workspace bench [-- EVENTS ROUNDS]

What rules of rows cost a writer: CPU of an event from a slab to Parquet bytes, in the data plane, on the exact path, and there with rules. Prints Markdown.
`
const given = process.argv.slice(2)
if (!given.every((each) => /^[1-9]\d*$/.test(each))) {
  process.stdout.write(usage)
  process.exit(given.includes('--help') ? 0 : 2)
}
const [events, rounds] = [Number(given[0] ?? 50_000), Number(given[1] ?? 5)]

const none: RowRules = { checks: [], generated: [], defaults: [] }
const check: RowRules['checks'] = [
  { kind: 'constraint', name: 'known', sql: "channel <> '' AND timestamp >= '2020-01-01'" },
]
const many: RowRules['checks'] = [
  ...check,
  { kind: 'constraint', name: 'length', sql: 'user_id IS NULL OR length(user_id) <= 128' },
  { kind: 'constraint', name: 'value', sql: 'interaction_value IS NULL OR interaction_value BETWEEN -1e12 AND 1e12' },
  { kind: 'constraint', name: 'type', sql: "event_type NOT IN ('test', 'debug') AND event_type NOT LIKE 'internal-%'" },
]
const generated: RowRules['generated'] = [{ column: 'day', sql: 'CAST(timestamp AS DATE)' }]
const defaults: RowRules['defaults'] = [{ column: 'state', sql: "'new'" }]

const folder = mkdtempSync(join(tmpdir(), 'silt-rules-'))
try {
  const path = join(folder, 'events.ndjson')
  writeEvents(path, events, typicalEvents)
  const units = readUnits(path, events, events)
  const spec: EncodeSpec = {
    ...eventSpec('bench'),
    schema: struct([...eventTableSchema.fields, field('day', 'date'), field('state', 'string')]),
  }
  const ruled = (name: string, rules: Partial<RowRules>): Contender => ({
    ...exactStage(units, { ...spec, layout: { rowRules: { ...none, ...rules } } }),
    name,
  })
  const contenders = [
    { ...planeStage(units, spec), name: 'data plane, no rules' },
    { ...exactStage(units, spec), name: 'exact path, no rules' },
    ruled('one constraint over two columns', { checks: check }),
    ruled('four constraints over five columns', { checks: many }),
    ruled('one generated column', { generated }),
    ruled('a default, a generated column and four constraints', { checks: many, generated, defaults }),
  ]
  const measured = await inTurns(contenders, rounds, events)
  const lines = measured.map(
    ({ name, cpuMicrosPerEvent: { median, min, max } }) =>
      `| ${[name, median.toFixed(2), `${min.toFixed(2)} to ${max.toFixed(2)}`].join(' | ')} |`,
  )
  process.stdout.write(
    `${['| | CPU µs/event | of ' + rounds + ' rounds |', '| --- | ---: | ---: |', ...lines].join('\n')}\n`,
  )
} finally {
  rmSync(folder, { recursive: true, force: true })
}
