import { expect, test } from 'vitest'
import { SiltError } from '@silt/core'
import { Health, PrometheusMetrics, createJsonLog, metricTable, startOpsServer } from '../src/index.ts'

function collect(secrets: readonly string[] = []) {
  const lines: string[] = []
  const log = createJsonLog({ level: 'info', secrets, destination: { write: (line: string) => void lines.push(line) } })
  return { lines, log }
}

test('a log line carries fields, and an error its code, kind and causes', () => {
  const { lines, log } = collect()
  const cause = new Error('ECONNREFUSED')
  log
    .child({ actor: 'writer' })
    .error({ error: new SiltError('unavailable', 'store/unavailable', 'store away', { cause }) }, 'put failed')
  const line = JSON.parse(lines[0] ?? '{}') as Record<string, unknown>
  expect(line).toMatchObject({
    level: 'error',
    actor: 'writer',
    code: 'store/unavailable',
    kind: 'unavailable',
    error: 'store away <- ECONNREFUSED',
    msg: 'put failed',
  })
  expect(line).not.toHaveProperty('stack')
})

test('secrets, and the password inside a URL, never reach a line', () => {
  const { lines, log } = collect(['redis://u:p%40ssw@r:6379', 'S3CRET"KEY'])
  log.info({ a: 'p@ssw', b: 'p%40ssw', c: 'S3CRET"KEY' }, 'redis://u:p%40ssw@r:6379')
  expect(lines[0]).not.toMatch(/p@ssw|p%40ssw|S3CRET/)
})

test('metrics outside the table are bugs; those inside are exposed', async () => {
  const metrics = new PrometheusMetrics({ processMetrics: false })
  expect(() => metrics.count('silt_nope_total', {})).toThrow('not a counter')
  expect(() => metrics.count('silt_table_version', { table: 't' })).toThrow('not a counter')
  metrics.count('silt_commits_total', { table: 't' }, 2)
  expect((await metrics.expose()).body).toContain('silt_commits_total{table="t"} 2')
})

test('what an actor counts is 0 before it first happens, for every known label value', async () => {
  const metrics = new PrometheusMetrics({ processMetrics: false })
  metrics.begin(['ingestor', 'committer'], 't')
  const { body } = await metrics.expose()
  for (const line of [
    'silt_commits_total{table="t"} 0',
    'silt_units_cut_total{table="t",kind="rest"} 0',
    'silt_store_requests_total{table="t",operation="put"} 0',
    'silt_freshness_seconds_count{table="t"} 0',
  ])
    expect(body).toContain(line)
  expect(body).not.toContain('silt_rows_written_total{')
  expect(body).not.toContain('silt_lag_offsets{')
})

test('a gauge that is withdrawn is shown no more', async () => {
  const metrics = new PrometheusMetrics({ processMetrics: false })
  metrics.gauge('silt_partitions_owned', { table: 't' }, 3)
  metrics.withdraw('silt_partitions_owned', { table: 't' })
  metrics.withdraw('silt_partitions_owned', { table: 'never' })
  expect((await metrics.expose()).body).not.toContain('silt_partitions_owned{')
  expect(() => metrics.withdraw('silt_commits_total', { table: 't' })).toThrow('not a gauge')
})

test('metric names follow the convention', () => {
  for (const [name, { type }] of Object.entries(metricTable)) {
    expect(name).toMatch(/^silt_[a-z_]+$/)
    expect(name.endsWith('_total')).toBe(type === 'counter')
  }
})

test('ready only when every actor is, and the port clash names OPS_PORT', async () => {
  const health = new Health(['ingestor', 'writer'])
  const metrics = new PrometheusMetrics({ processMetrics: false })
  const server = await startOpsServer({ host: '127.0.0.1', port: 0, health, metrics })
  const status = async (path: string) => (await fetch(`http://127.0.0.1:${server.port}${path}`)).status
  health.ready('ingestor')
  expect([await status('/healthz'), await status('/readyz'), await status('/nope')]).toEqual([200, 503, 404])
  health.ready('writer')
  expect(await status('/readyz')).toBe(200)
  await expect(startOpsServer({ host: '127.0.0.1', port: server.port, health, metrics })).rejects.toThrow('OPS_PORT')
  health.failed('writer', 'boom')
  expect(await status('/healthz')).toBe(503)
  await server.close()
})

test('whoever listens hears every state of an actor, the first one too', () => {
  const heard: (readonly [string, boolean])[] = []
  const health = new Health(['writer'], (actor, ready) => heard.push([actor, ready]))
  health.ready('writer')
  health.waiting('writer', 'the broker is away')
  health.failed('writer', 'boom')
  expect(heard).toEqual([
    ['writer', false],
    ['writer', true],
    ['writer', false],
    ['writer', false],
  ])
})
