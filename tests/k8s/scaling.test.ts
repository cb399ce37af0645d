import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stringify } from 'yaml'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { jobVersion, queueName, tableLabel } from '@silt/contracts'
import { metricTable } from '@silt/telemetry'
import { capture } from './capture.ts'
import { renderChart } from './helm.ts'
import { parseManifests } from './manifest.ts'

const tablePath = 's3://bucket/somewhere/Page views+1/'
const scaled = [
  `settings.DELTA_TABLE_PATH="${tablePath}"`,
  'writer.autoscaling.enabled=true',
  'ingestor.autoscaling={"enabled":true,"partitions":7}',
]

interface Trigger {
  readonly name: string
  readonly type: string
  readonly metricType: string
  readonly metadata: Readonly<Record<string, string>>
}
interface Scaled {
  readonly minReplicaCount: number
  readonly maxReplicaCount: number
  readonly triggers: readonly Trigger[]
}

const scalers = new Map<string, Scaled>()
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'silt-scaling-'))
  for (const manifest of parseManifests(await renderChart({ set: scaled })))
    if (manifest.kind === 'ScaledObject') scalers.set(manifest.metadata.name, manifest.spec as unknown as Scaled)
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

function trigger(scaler: string, name: string): Trigger {
  const found = scalers.get(scaler)?.triggers.find((one) => one.name === name)
  if (found === undefined) throw new Error(`${scaler} has no trigger ${name}`)
  return found
}

test('queries name metrics that Silt exports, of this table', () => {
  for (const { triggers } of scalers.values())
    for (const { metadata } of triggers.filter(({ type }) => type === 'prometheus')) {
      const names = metadata['query']?.match(/\bsilt_\w+/g) ?? []
      expect(names.length).toBeGreaterThan(0)
      for (const name of names) expect(Object.keys(metricTable)).toContain(name)
      expect(metadata['query']).toContain(`table="${tableLabel(tablePath)}"`)
      expect(metadata['ignoreNullValues']).toBe('false')
    }
})

test('the second trigger counts the waiting write jobs where BullMQ keeps them', () => {
  const { type, metadata } = trigger('silt-writer', 'write-jobs-waiting')
  expect([type, metadata['listName']]).toEqual([
    'redis',
    `{silt}:${queueName(tableLabel(tablePath), 'write', jobVersion)}:wait`,
  ])
  expect(metadata['address']).toBe('redis:6379')
})

test('of the URL of Redis, its TLS and database hold for KEDA too', async () => {
  const set = ['settings.REDIS_URL="rediss://redis.data.svc/3"', 'writer.autoscaling.enabled=true']
  const manifests = parseManifests(await renderChart({ set }))
  const spec = manifests.find(({ kind }) => kind === 'ScaledObject')?.spec as unknown as Scaled
  expect(spec.triggers[1]?.metadata).toMatchObject({
    address: 'redis.data.svc:6379',
    databaseIndex: '3',
    enableTLS: 'true',
  })
})

test('ingestors are bounded by the partitions', () => {
  expect(scalers.get('silt-ingestor')).toMatchObject({ minReplicaCount: 2, maxReplicaCount: 7 })
})

const table = `namespace="silt",table="${tableLabel(tablePath)}"`
const lag = (partition: number, pod: string): string =>
  `silt_lag_offsets{${table},topic="t",partition="${partition}",pod="${pod}"}`
const stopped = (partition: number): string =>
  `silt_partition_stopped{${table},topic="t",partition="${partition}",code="source/gap"}`
const committed = `silt_rows_committed_total{${table},pod="c"}`
const ready = (pod: string): string => `silt_ready{namespace="silt",actor="writer",pod="${pod}"}`

interface Case {
  readonly what: string
  readonly series: readonly { readonly series: string; readonly values: string }[]
  readonly seconds: number
}

const cases: readonly Case[] = [
  {
    what: 'two partitions wait, 4,000 rows a second are committed; a partition that moved counts once',
    series: [
      { series: lag(0, 'a'), values: '100000x10' },
      { series: lag(0, 'b'), values: '40000x10' },
      { series: lag(1, 'a'), values: '20000x10' },
      { series: committed, values: '0+240000x10' },
      { series: ready('w'), values: '1x10' },
    ],
    seconds: 30,
  },
  {
    what: 'a trickle: 90 records wait for their unit, nothing was committed for minutes',
    series: [
      { series: lag(0, 'a'), values: '90x10' },
      { series: ready('w'), values: '1x10' },
    ],
    seconds: 0.09,
  },
  {
    what: 'nothing drains while 300,000 wait: what three writers could do at the least',
    series: [
      { series: lag(0, 'a'), values: '300000x10' },
      { series: committed, values: '7x10' },
      ...['w1', 'w2', 'w3'].map((pod) => ({ series: ready(pod), values: '1x10' })),
    ],
    seconds: 100,
  },
  {
    what: 'a partition that an operator must release, beside one that drains',
    series: [
      { series: lag(0, 'a'), values: '9000000x10' },
      { series: stopped(0), values: '1x10' },
      { series: lag(1, 'a'), values: '20000x10' },
      { series: stopped(1), values: '0x10' },
    ],
    seconds: 20,
  },
  {
    what: 'every partition stopped',
    series: [
      { series: lag(0, 'a'), values: '9000000x10' },
      { series: stopped(0), values: '1x10' },
    ],
    seconds: 0,
  },
  {
    what: 'a table that waits for an operator',
    series: [
      { series: lag(0, 'a'), values: '9000000x10' },
      { series: `silt_table_parked{${table},pod="c"}`, values: '1x10' },
      { series: `silt_table_paused{${table},pod="c"}`, values: '0x10' },
    ],
    seconds: 0,
  },
  {
    what: 'a paused table: writers wait for nothing',
    series: [
      { series: lag(0, 'a'), values: '9000000x10' },
      { series: `silt_table_parked{${table},pod="c"}`, values: '0x10' },
      { series: `silt_table_paused{${table},pod="c"}`, values: '1x10' },
    ],
    seconds: 0,
  },
]

test('the backlog in seconds is what Prometheus makes of it', async () => {
  const { metadata, metricType } = trigger('silt-writer', 'backlog-seconds')
  expect(metricType).toBe('Value')
  const expr = metadata['query'] ?? ''
  const file = join(scratch, 'backlog.test.yaml')
  const tests = cases.map(({ series, seconds }) => ({
    interval: '1m',
    input_series: series,
    promql_expr_test: [{ expr, eval_time: '10m', exp_samples: [{ labels: '{}', value: seconds }] }],
  }))
  await writeFile(file, stringify({ rule_files: [], evaluation_interval: '1m', tests }))
  expect(await capture('promtool', ['test', 'rules', file])).toContain('SUCCESS')
})

test('where no ingestor tells of a backlog there is no answer, so KEDA keeps the count', async () => {
  const expr = trigger('silt-writer', 'backlog-seconds').metadata['query'] ?? ''
  const file = join(scratch, 'absent.test.yaml')
  const input = [{ series: ready('w'), values: '1x10' }]
  const promql = [{ expr, eval_time: '10m', exp_samples: [] }]
  const tests = [{ interval: '1m', input_series: input, promql_expr_test: promql }]
  await writeFile(file, stringify({ rule_files: [], evaluation_interval: '1m', tests }))
  expect(await capture('promtool', ['test', 'rules', file])).toContain('SUCCESS')
})
