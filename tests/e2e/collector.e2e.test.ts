import { connect } from 'node:net'
import { appendFile, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterAll, expect, inject, test } from 'vitest'
import { EmbeddedTable } from '../support/embedded-table.ts'
import { listeningAt } from '../support/listening-at.ts'
import { opsOf } from '../support/ops.ts'
import { readRecords } from '../support/read-records.ts'
import { withScratch } from '../support/scratch.ts'
import { killAllSilt, silt, SiltProcess } from '../support/silt-process.ts'
import { createTopic } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const token = 'a-token-of-this-test-01'

afterAll(killAllSilt)

function collector(environment: Readonly<Record<string, string>>): SiltProcess {
  return new SiltProcess('collector', ['run', 'collector'], { HTTP_PORT: '0', ...environment })
}

function post(base: string, body: string, type = 'application/json'): Promise<Response> {
  const headers = { 'content-type': type, authorization: `Bearer ${token}` }
  return fetch(`${base}/events`, { method: 'POST', headers, body })
}

test('Kafka: what was answered is in the topic, byte for byte, a session in one partition; SIGTERM answers what is under way', async () => {
  const { bootstrapServers } = inject('servers').kafka
  const topic = 'collected'
  const running = collector({
    KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
    KAFKA_TOPIC: topic,
    HTTP_TOKEN: token,
    HTTP_TIMEOUT_MS: '20000',
  })
  const base = await listeningAt(running)
  const ops = await opsOf(running)
  expect(await ops.get('/readyz')).toMatchObject({ status: 503 })
  const early = await post(base, '{}')
  expect([early.status, await early.json()]).toMatchObject([503, { code: 'collector/no-topic' }])
  await createTopic(bootstrapServers, topic, 3)
  await waitFor('readiness', async () => (await ops.get('/readyz')).status === 200 || undefined)

  const events = Array.from({ length: 60 }, (_, n) => `{"n":${n},"big":12345678901234567890,"session_id":"s-${n % 6}"}`)
  const requests = [
    post(base, events.slice(0, 20).join('\n'), 'application/x-ndjson'),
    post(base, `[${events.slice(20, 40).join(' , ')}]`),
    ...events.slice(40).map((event) => post(base, event)),
  ]
  const answers = await Promise.all(requests)
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200))
  const counts = await Promise.all(
    answers.map(async (answer) => ((await answer.json()) as { accepted: number }).accepted),
  )
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(60)
  expect((await post(base, '[{},{"a":]')).status).toBe(400)
  expect((await fetch(`${base}/events`, { method: 'POST', body: '{}' })).status).toBe(401)

  const metrics = await ops.scrape()
  expect(metrics.get('silt_collector_events_total')).toBe(60)
  expect(metrics.get('silt_collector_in_flight_bytes')).toBe(0)

  // A sender in the middle of its body when SIGTERM comes is answered all the same.
  const last = '{"n":60,"big":12345678901234567890,"session_id":"s-0"}'
  const socket = connect(Number(new URL(base).port), '127.0.0.1')
  const heard: string[] = []
  socket.setEncoding('utf8').on('data', (text: string) => heard.push(text))
  const head = `POST /events HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: ${last.length}\r\n\r\n`
  socket.write(head + last.slice(0, 10))
  await delay(200)
  const ended = running.terminate()
  await waitFor('stopping', async () => (await ops.get('/readyz').catch(() => undefined))?.status === 503 || undefined)
  await expect(post(base, '{}')).rejects.toThrow('fetch failed')
  socket.write(last.slice(10))
  expect(await ended, running.tail()).toBe(0)
  expect(heard.join('')).toMatch(/^HTTP\/1\.1 200 [^]*"accepted":1/)
  expect(running.text.join('')).toBe('')

  const records = await readRecords(bootstrapServers, topic)
  expect(records.map(({ value }) => value).sort()).toEqual([...events, last].sort())
  for (let session = 0; session < 6; session++) {
    const own = records.filter(({ key }) => key === `s-${session}`)
    expect(new Set(own.map(({ partition }) => partition)).size).toBe(1)
    expect(own.every(({ value }) => value.includes(`"s-${session}"`))).toBe(true)
  }
})

test('Kafka: every event that was answered outlives kill -9 of the collector', async () => {
  const { bootstrapServers } = inject('servers').kafka
  const topic = 'collected-killed'
  await createTopic(bootstrapServers, topic, 2)
  const answered: string[] = []
  const running = collector({ KAFKA_BOOTSTRAP_SERVERS: bootstrapServers, KAFKA_TOPIC: topic, HTTP_TOKEN: token })
  const base = await listeningAt(running)
  const senders = Array.from({ length: 8 }, async (_, sender) => {
    for (let n = 0; ; n++) {
      const event = JSON.stringify({ sender, n })
      const answer = await post(base, event).catch(() => undefined)
      if (answer === undefined) return
      if (answer.status === 200) answered.push(event)
    }
  })
  await waitFor('answers', () => answered.length > 300 || undefined)
  await running.kill()
  await Promise.all(senders)
  const stored = new Set((await readRecords(bootstrapServers, topic)).map(({ value }) => value))
  expect(answered.filter((event) => !stored.has(event))).toEqual([])
})

test('embedded: events go from HTTP into the table, through a kill and a torn line, none lost', () =>
  withScratch(async (folder) => {
    const table = new EmbeddedTable(folder)
    const first = collector(table.environment)
    const base = await listeningAt(first)
    expect((await post(base, '{"event_type":"click","session_id":"s-1"}')).status).toBe(200)
    expect((await post(base, '[{"event_type":"a"},{"event_type":"b",\n"interaction_value":1.5}]')).status).toBe(200)
    await first.kill()
    const path = join(table.topicFolder, '0.ndjson')
    await appendFile(path, '{"event_type":"torn by a crash')

    const second = collector(table.environment)
    expect((await post(await listeningAt(second), '{"event_type":"after"}')).status).toBe(200)
    expect(await second.terminate(), second.tail()).toBe(0)
    expect((await readFile(path, 'utf8')).split('\n')).toHaveLength(6)

    await table.settle()
    expect(await table.auditReport()).toMatchObject({ verdict: 'proved', rows: 4, deadLetters: 1 })
    await table.expectSound()
  }))

test('a collector that other machines reach is refused without a token, naming the setting', async () => {
  const { code, stderr } = await silt(['run', 'collector'], { HTTP_HOST: '0.0.0.0', HTTP_PORT: '0' })
  expect(code).toBe(2)
  expect(stderr).toContain('HTTP_TOKEN')
  expect(stderr).toContain('collector/needs-token')
})
