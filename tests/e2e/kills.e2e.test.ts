import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { seededRandom, type Random } from '@silt/core'
import { afterAll, expect, test } from 'vitest'
import { startServers } from '../servers/index.ts'
import { deployment } from '../support/deployment.ts'
import { writeEventFile } from '../support/event-file.ts'
import { Fleet } from '../support/fleet.ts'
import { testSeed } from '../support/seed.ts'
import { expectSettled } from '../support/settled-table.ts'
import { killAllSilt } from '../support/silt-process.ts'
import { produceSteadily } from '../support/steady-producer.ts'
import { countDataFiles } from '../support/table-store.ts'
import { createTopic } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const topic = 'kills'
const partitions = 6
const eventCount = 270_000
const eventsPerSecond = 6000
const killCount = 18
/** Those that fall on a frozen process are left out. */
const killsMin = 12
const betweenKillsMs = { least: 1200, most: 3500 }
/** Longer than a lease, a job's lock and a group session. */
const frozenMs = 8000
const minutes = 60_000

afterAll(killAllSilt)

test(
  'nothing is lost and nothing doubled while processes are killed and frozen at random, Redis is emptied and Kafka and MinIO die and come back',
  async () => {
    const random = seededRandom(testSeed('kills'))
    const source = join(tmpdir(), `silt-kills-${process.pid}.ndjson`)
    await writeEventFile(source, eventCount, 3)
    const servers = await startServers({ kafka: {}, redis: {}, minio: {} })
    const { bootstrapServers } = servers.settings.kafka
    const target = deployment(servers.settings, topic)
    await createTopic(bootstrapServers, topic, partitions)
    const producer = produceSteadily(source, { bootstrapServers, topic, partitions, eventsPerSecond })
    const fleet = new Fleet(target, { ingestor: 2, writer: 3, committer: 2 })
    const revive = async (server: { kill(): Promise<void>; start(): Promise<void> }): Promise<void> => {
      await server.kill()
      await server.start()
    }
    const blows = [
      { what: 'Redis emptied', strike: () => servers.redis.flush() },
      { what: 'Redis emptied', strike: () => servers.redis.flush() },
      { what: 'Kafka killed', strike: () => revive(servers.kafka) },
      { what: 'MinIO killed', strike: () => revive(servers.minio) },
      {
        what: 'active committer frozen',
        strike: async () => {
          await fleet.freeze(await waitFor('an active committer', () => fleet.activeCommitter()), frozenMs)
        },
      },
      { what: 'writer frozen', strike: () => fleet.freeze('writer-0', frozenMs) },
      { what: 'ingestor frozen', strike: () => fleet.freeze('ingestor-0', frozenMs) },
    ]
    const blowAt = new Map(
      shuffled(
        Array.from({ length: killCount - 6 }, (_, index) => index + 2),
        random,
      )
        .slice(0, blows.length)
        .map((kill, index) => [kill, blows[index]]),
    )
    const struck: string[] = []
    const lasting: Promise<void>[] = []
    try {
      let victims: readonly string[] = []
      for (let kill = 0; kill < killCount; kill++) {
        await delay(betweenKillsMs.least + random.next() * (betweenKillsMs.most - betweenKillsMs.least))
        const blow = blowAt.get(kill)
        if (blow !== undefined) {
          struck.push(`${blow.what} before kill ${kill + 1}`)
          lasting.push(blow.strike())
        }
        if (victims.length === 0) victims = shuffled(fleet.names(), random)
        const victim = victims.find((name) => !fleet.frozen.has(name))
        if (victim === undefined) continue
        victims = victims.filter((name) => name !== victim)
        await fleet.kill(victim)
      }
      await Promise.all(lasting)
      const delivered = await producer.delivered
      expect(delivered).toBe(eventCount)
      expect(struck).toHaveLength(blows.length)
      expect(fleet.kills).toBeGreaterThanOrEqual(killsMin)
      expect(fleet.endedByThemselves(), fleet.tail()).toEqual([])
      expect(Object.keys(fleet.tally()).filter((what) => what.includes('internal'))).toEqual([])
      const settlingFromMs = performance.now()
      const places = await expectSettled(target, () => fleet.tail())
      const seconds = ((performance.now() - settlingFromMs) / 1000).toFixed(1)
      expect(Object.values(await fleet.terminate())).toEqual(fleet.names().map(() => 0))
      const orphans = (await countDataFiles(target)) - places.files
      expect(orphans).toBeGreaterThanOrEqual(0)
      console.log(
        `${fleet.kills} kills (${struck.join(', ')}): ${places.rows} rows in ${places.files} files at version ${places.version}, ${orphans} orphan files, settled and checked in ${seconds} s; logged: ${JSON.stringify(fleet.tally())}`,
      )
    } catch (error) {
      console.error(struck.join('\n'), fleet.tail())
      throw error
    } finally {
      producer.stop()
      await Promise.allSettled(lasting)
      await killAllSilt()
      await servers.stop()
      await rm(source, { force: true })
    }
  },
  10 * minutes,
)

function shuffled<T>(items: readonly T[], random: Random): readonly T[] {
  return items
    .map((item) => ({ item, key: random.next() }))
    .sort((a, b) => a.key - b.key)
    .map(({ item }) => item)
}
