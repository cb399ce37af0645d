import { afterAll, expect, test } from 'vitest'
import { startServers } from '../servers/index.ts'
import { listeningAt } from '../support/listening-at.ts'
import { readRecords } from '../support/read-records.ts'
import { killAllSilt, SiltProcess } from '../support/silt-process.ts'
import { createTopic } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

afterAll(killAllSilt)

test('kill -9 of the broker under load: what was answered is stored, what was not is told, and sending goes on', async () => {
  const servers = await startServers({ kafka: {} })
  try {
    const { bootstrapServers } = servers.settings.kafka
    const topic = 'collected-broker'
    await createTopic(bootstrapServers, topic, 3)
    const collector = new SiltProcess('collector', ['run', 'collector'], {
      KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
      KAFKA_TOPIC: topic,
      HTTP_PORT: '0',
      HTTP_TIMEOUT_MS: '4000',
    })
    const base = await listeningAt(collector)
    const answered: string[] = []
    const refused: number[] = []
    let over = false
    const senders = Array.from({ length: 12 }, async (_, sender) => {
      for (let n = 0; !over; n++) {
        // Sessions in all partitions, and events of one size: sends alike enough to be taken for each other.
        const event = JSON.stringify({ session_id: `s-${sender}`, n: String(n).padStart(6, '0') })
        const answer = await fetch(`${base}/events`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: event,
        })
        await answer.arrayBuffer()
        if (answer.status === 200) answered.push(event)
        else refused.push(answer.status)
      }
    })
    await waitFor('answers before', () => answered.length > 300 || undefined)
    await servers.kafka.kill()
    await waitFor('refusals', () => refused.length > 0 || undefined)
    await servers.kafka.start()
    const before = answered.length
    await waitFor('answers after', () => answered.length > before + 300 || undefined, 120_000)
    over = true
    await Promise.all(senders)
    expect(await collector.terminate(), collector.tail()).toBe(0)
    expect(new Set(refused)).toEqual(new Set([503]))
    const stored = new Set((await readRecords(bootstrapServers, topic)).map(({ value }) => value))
    expect(answered.filter((event) => !stored.has(event))).toEqual([])
  } finally {
    await servers.stop()
  }
}, 300_000)
