import { readdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
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
import { startOtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver.ts'
import { askPrometheus, type Prometheus } from '../support/prometheus-query.ts'
import { killAllSilt } from '../support/silt-process.ts'
import { expectSoundTable } from '../support/sound-table.ts'
import { produceSteadily } from '../support/steady-producer.ts'
import { createTopic } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const rules = fileURLToPath(new URL('../../deploy/observability/rules', import.meta.url))
const topic = 'observability'
const partitions = 3
const eventsPerSecond = 200
/** So long there is load: longer than everything here may take. */
const loadSeconds = 420

afterAll(killAllSilt)

test('promtool is content with the rules, and each alert fires and is silent where its cases say', async () => {
  await promtool(rules, ['check', 'rules', 'silt.rules.yaml'])
  const cases = readdirSync(join(rules, 'test')).filter((name) => name.endsWith('.test.yaml'))
  await promtool(rules, ['test', 'rules', ...cases.map((name) => join('test', name))])
})

test('a real Prometheus scrapes real processes under load: every query of every dashboard has an answer, no alert stirs until the committer is gone; units are traced from cut to commit', async () => {
  const { kafka, redis, minio } = inject('servers')
  const otlp = await startOtlpReceiver()
  const target = deployment({ kafka, redis, minio }, topic, {
    BATCH_TIMEOUT_SECONDS: '1',
    WRITER_THREADS: '1',
    OTEL_EXPORTER_OTLP_ENDPOINT: otlp.endpoint,
  })
  await createTopic(kafka.bootstrapServers, topic, partitions)
  const actors = startActors(target, { committer: 1, ingestor: 1, writer: 1 })
  const targets = await Promise.all(actors.map(async (each) => `127.0.0.1:${(await opsOf(each)).port}`))
  const prometheus = await startPrometheus({ targets, rules })
  const events = join(tmpdir(), `silt-observability-${process.pid}.ndjson`)
  await writeEventFile(events, eventsPerSecond * loadSeconds, 4)
  const load = { bootstrapServers: kafka.bootstrapServers, topic, partitions, eventsPerSecond }
  const producer = produceSteadily(events, load)
  const ask = askPrometheus(prometheus.settings.url)
  try {
    await everyQueryAnswered(ask, () => actors.map((each) => each.tail()).join('\n'))
    // A rate is without an answer, or nothing, wherever its window holds fewer than two looks.
    for (const flow of ['silt:events_in:rate1m', 'silt:events_out:rate1m', 'silt_table_bytes'])
      await waitFor(`${flow} of at least 1`, async () => {
        const [sum = 0] = await ask.query(`sum(${flow})`)
        return sum >= 1 || undefined
      })
    await allRulesQuiet(ask)
    await oneUnitTracedWhole(otlp.spans)

    await actors[0]?.kill()
    await waitFor('the alert of a committer that is gone', async () => {
      const stirring = (await ask.rules()).filter(({ state }) => state === 'pending' || state === 'firing')
      return stirring.some(({ name }) => name === 'SiltNoActiveCommitter') || undefined
    })
  } finally {
    producer.stop()
    await prometheus.dispose()
    await rm(events, { force: true })
  }
  for (const each of actors.slice(1)) expect(await each.terminate(), each.tail()).toBe(0)
  await expectSoundTable(target.environment)
  await otlp.close()
}, 400_000)

async function everyQueryAnswered(ask: Prometheus, logs: () => string): Promise<void> {
  const queries = dashboardQueries('10s')
  let unanswered: readonly string[] = []
  const look = async (): Promise<true | undefined> => {
    const answers = await Promise.all(queries.map(async (each) => ({ ...each, values: await ask.query(each.expr) })))
    unanswered = answers
      .filter(({ values }) => values.length === 0 || values.some(Number.isNaN))
      .map(({ dashboard, panel, expr }) => `${dashboard} / ${panel}: ${expr}`)
    return unanswered.length === 0 || undefined
  }
  await waitFor('every query of every dashboard to have an answer', look, 180_000, 1000).catch((error: unknown) => {
    throw new Error(`${String(error)}\n${unanswered.join('\n')}\n${logs()}`)
  })
}

async function allRulesQuiet(ask: Prometheus): Promise<void> {
  const evaluated = await waitFor('no alert to stir', async () => {
    const found = await ask.rules()
    return found.every(({ state = 'inactive' }) => state === 'inactive') ? found : undefined
  })
  expect(evaluated.filter(({ health }) => health !== 'ok')).toEqual([])
  const names = (rules: readonly { readonly name: string }[]): readonly string[] => rules.map(({ name }) => name).sort()
  expect(names(evaluated)).toEqual(names(alertRules()))
}

/** The trace that three processes told of one unit: by its id, under one root, each part by who did it. */
async function oneUnitTracedWhole(spans: readonly ReceivedSpan[]): Promise<void> {
  const parts: Readonly<Record<string, readonly string[]>> = {
    'silt-ingestor': ['unit'],
    'silt-writer': ['wait for a writer', 'write', 'fetch', 'decode and encode', 'put files'],
    'silt-committer': ['held', 'commit'],
  }
  const traced = await waitFor('a unit traced by all three actors', () => {
    const whole = spans.filter(({ name, attributes }) => name === 'unit' && attributes['silt.outcome'] === 'committed')
    return whole
      .map((root) => ({ root, trace: spans.filter(({ traceId }) => traceId === root.traceId) }))
      .find(({ trace }) =>
        Object.entries(parts).every(([service, names]) =>
          names.every((name) => trace.some((span) => span.service === service && span.name === name)),
        ),
      )
  })
  const { root, trace } = traced
  expect(root).toMatchObject({ traceId: root.spanId + root.spanId, parentSpanId: '' })
  expect(root.attributes['silt.unit']).toBe(root.spanId)
  const write = trace.find(({ name }) => name === 'write')
  for (const span of trace.filter((each) => each !== root))
    expect([root.spanId, write?.spanId], span.name).toContain(span.parentSpanId)
  expect(Number(trace.find(({ name }) => name === 'commit')?.attributes['silt.version'])).toBeGreaterThan(0)
}
