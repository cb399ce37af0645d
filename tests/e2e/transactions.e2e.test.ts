import { setTimeout as delay } from 'node:timers/promises'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, expect, inject, test } from 'vitest'
import { auditReport } from '../support/audit-report.ts'
import { deployment } from '../support/deployment.ts'
import { opsOf } from '../support/ops.ts'
import { settled } from '../support/partition-status.ts'
import { killAllSilt, silt, SiltProcess } from '../support/silt-process.ts'
import { expectSoundTable } from '../support/sound-table.ts'
import { rowPlaces, topicPlaces } from '../support/table-rows.ts'
import { createTopic, topicEnds } from '../support/topics.ts'
import { TransactionalProducer } from '../support/transactional-producer.ts'
import { waitFor } from '../support/wait-for.ts'

const minutes = 60_000
const { bootstrapServers } = inject('servers').kafka
/** Blank counts as unset: all actors in one process. */
const oneProcess = { REDIS_URL: '', BATCH_TIMEOUT_SECONDS: '0.5' }

afterAll(killAllSilt)

test(
  'aborted Kafka transactions leave no row, open ones wait, and the audit counts the gaps',
  async () => {
    const target = deployment(inject('servers'), 'transactions', oneProcess)
    const { topic } = target
    await createTopic(bootstrapServers, topic, 2)
    const producer = new TransactionalProducer(bootstrapServers, topic, 2)
    const process = new SiltProcess('silt', ['run'], target.environment)
    const committed = (): ReturnType<typeof topicPlaces> => topicPlaces(bootstrapServers, topic, 'read_committed')
    try {
      await producer.run('n b1 p1 a1 n b1 p1 c1 b2 p2 b1 p1 a2 p1 c1 b2 b1 p1 p2 c2 p1 a1 n')
      await settled(target)
      const closed = await committed()
      expect(await rowPlaces(target)).toEqual(closed)

      // What comes after an open transaction waits with it.
      await producer.run('b1 p1 n n p1')
      const ops = await opsOf(process)
      const shown = async (name: string): Promise<number> => (await ops.scrape()).get(name) ?? 0
      await waitFor('the open transaction to be shown for 3 s', async () =>
        (await shown('silt_last_stable_offset_stuck_seconds')) >= 3 ? true : undefined,
      )
      expect(await shown('silt_open_transaction_offsets')).toBeGreaterThan(0)
      expect(await rowPlaces(target)).toEqual(closed)
      expect((await topicEnds(bootstrapServers, topic)).get(0)).toBeGreaterThan(closed.length)
      expect((await auditReport(target)).verdict).toBe('proved')

      await producer.run('c1')
      await settled(target)
      await waitFor('nothing to be held back', async () =>
        (await shown('silt_open_transaction_offsets')) === 0 ? true : undefined,
      )
      const reopened = await committed()
      expect(reopened).toHaveLength(closed.length + 2 * 8)
      expect(await rowPlaces(target)).toEqual(reopened)

      // Nothing readable follows: only gaps are left to commit.
      await producer.run('b1 p1 a1')
      await settled(target)
      expect(await rowPlaces(target)).toEqual(reopened)
      const ends = await topicEnds(bootstrapServers, topic)
      const report = await auditReport(target)
      expect(report).toMatchObject({ verdict: 'proved', rows: reopened.length, deadLetters: 0 })
      for (const { partition, first, next, rows, gaps } of report.partitions) {
        expect({ partition, first, next }).toEqual({ partition, first: 0, next: ends.get(partition) })
        expect(rows).toBe(reopened.filter((place) => place[0] === partition).length)
        expect(gaps).toBe(next - rows)
      }
      await expectSoundTable(target.environment)
    } catch (error) {
      throw new Error(process.tail(), { cause: error })
    } finally {
      await producer.close()
      await killAllSilt()
    }
  },
  5 * minutes,
)

test(
  'a compacted topic: what compaction has left is there once, what it took is counted as gaps',
  async () => {
    const target = deployment(inject('servers'), 'compacted', oneProcess)
    await createTopic(bootstrapServers, target.topic, 1, {
      'cleanup.policy': 'compact',
      'segment.bytes': '1048576',
      'segment.ms': '200',
      'min.cleanable.dirty.ratio': '0.01',
      'max.compaction.lag.ms': '200',
      'delete.retention.ms': '0',
    })
    const written = await updateKeys(target.topic)
    const left = await waitFor(
      'compaction',
      async () => {
        const places = await topicPlaces(bootstrapServers, target.topic, 'read_committed')
        return places.length < written / 2 ? places : undefined
      },
      60_000,
      1_000,
    )
    const idle = await silt(['run', '--until-idle'], target.environment)
    expect(idle.code, idle.stdout.slice(-4000) + idle.stderr).toBe(0)
    const rows = await rowPlaces(target)
    // Compaction may have gone on between the two readings, never back.
    const after = await topicPlaces(bootstrapServers, target.topic, 'read_committed')
    const offsets = new Set(rows.map(([, offset]) => offset))
    expect(offsets.size).toBe(rows.length)
    for (const [, offset] of after) expect(offsets.has(offset)).toBe(true)
    for (const [, offset] of rows) expect(left.some((place) => place[1] === offset)).toBe(true)
    const report = await auditReport(target)
    expect(report).toMatchObject({ verdict: 'proved', rows: rows.length })
    expect(report.partitions).toMatchObject([{ first: 0, next: written, gaps: written - rows.length }])
    await expectSoundTable(target.environment)
  },
  5 * minutes,
)

/** Several rounds over a few keys, a segment each; returns how many records were written. */
async function updateKeys(topic: string): Promise<number> {
  const kafka = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING })
  const producer = kafka.producer({ idempotent: true, allowAutoTopicCreation: false })
  await producer.connect()
  const [rounds, perRound] = [6, 20]
  for (let round = 0; round < rounds; round++) {
    const messages = Array.from({ length: perRound }, (_, index) => ({
      key: `key-${index % 4}`,
      value: JSON.stringify({ event_type: 'state', session_id: `${round}-${index}` }),
    }))
    await producer.send({ topic, messages })
    await delay(300)
  }
  await producer.disconnect()
  return rounds * perRound
}
