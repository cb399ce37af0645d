import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, inject, test } from 'vitest'
import { promtool, startPrometheus } from '../servers/prometheus.ts'
import { alertRules } from '../support/alert-rules.ts'
import { dashboardQueries } from '../support/dashboard-queries.ts'
import { deployment, startActors } from '../support/deployment.ts'
import { writeEventFile } from '../support/event-file.ts'
import { opsOf } from '../support/ops.ts'
import { askPrometheus } from '../support/prometheus-query.ts'
import { killAllSilt } from '../support/silt-process.ts'
import { produceSteadily } from '../support/steady-producer.ts'
import { createTopic } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const rules = fileURLToPath(new URL('../../deploy/observability/rules', import.meta.url))
const topic = 'observability'
const partitions = 3
const eventsPerSecond = 200

afterAll(killAllSilt)

test('promtool is content with the rules, and each alert fires and is silent where its cases say', async () => {
  await promtool(rules, ['check', 'rules', 'silt.rules.yaml'])
  const cases = readdirSync(join(rules, 'test')).filter((name) => name.endsWith('.test.yaml'))
  await promtool(rules, ['test', 'rules', ...cases.map((name) => join('test', name))])
})

test('a real Prometheus scrapes real processes under load: every query of every dashboard has an answer, no alert stirs until the committer is gone', async () => {
  const { kafka, redis, minio } = inject('servers')
  const target = deployment({ kafka, redis, minio }, topic, { BATCH_TIMEOUT_SECONDS: '1', WRITER_THREADS: '1' })
  await createTopic(kafka.bootstrapServers, topic, partitions)
  const actors = startActors(target, { committer: 1, ingestor: 1, writer: 1 })
  const [committer] = actors
  const targets = await Promise.all(actors.map(async (each) => `127.0.0.1:${(await opsOf(each)).port}`))
  const prometheus = await startPrometheus({ targets, rules })
  const events = join(tmpdir(), `silt-observability-${process.pid}.ndjson`)
  await writeEventFile(events, eventsPerSecond * 120, 4)
  const load = { bootstrapServers: kafka.bootstrapServers, topic, partitions, eventsPerSecond }
  const producer = produceSteadily(events, load)
  const ask = askPrometheus(prometheus.settings.url)
  try {
    const queries = dashboardQueries('10s')
    let unanswered: readonly string[] = []
    await waitFor(
      'every query of every dashboard to have an answer',
      async () => {
        const answers = await Promise.all(
          queries.map(async (each) => ({ ...each, values: await ask.query(each.expr) })),
        )
        unanswered = answers
          .filter(({ values }) => values.length === 0 || values.some(Number.isNaN))
          .map(({ dashboard, panel, expr }) => `${dashboard} / ${panel}: ${expr}`)
        return unanswered.length === 0 || undefined
      },
      30_000,
      1000,
    ).catch((error: unknown) => {
      throw new Error(`${String(error)}\n${unanswered.join('\n')}\n${actors.map((each) => each.tail()).join('\n')}`)
    })
    for (const flow of ['silt:events_in:rate1m', 'silt:events_out:rate1m', 'silt_table_bytes', 'silt_queue_jobs'])
      expect((await ask.query(`sum(${flow})`))[0], flow).toBeGreaterThanOrEqual(flow === 'silt_queue_jobs' ? 0 : 1)

    const evaluated = await waitFor('alerts to settle', async () => {
      const found = await ask.rules()
      return found.every(({ state = 'inactive' }) => state === 'inactive') ? found : undefined
    })
    expect(evaluated.filter(({ health }) => health !== 'ok')).toEqual([])
    expect(evaluated.map(({ name }) => name).sort()).toEqual(
      alertRules()
        .map(({ name }) => name)
        .sort(),
    )

    await committer?.kill()
    await waitFor('the alert of a committer that is gone', async () => {
      const found = (await ask.rules()).filter(({ state }) => state === 'pending' || state === 'firing')
      return found.some(({ name }) => name === 'SiltNoActiveCommitter') || undefined
    })
  } finally {
    producer.stop()
    await prometheus.dispose()
  }
  for (const each of actors.slice(1)) expect(await each.terminate(), each.tail()).toBe(0)
}, 120_000)
