import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, inject, test } from 'vitest'
import { startComposePlatform } from '../support/compose-platform.ts'
import { startActor, type ActorKind } from '../support/deployment.ts'
import { expectExactlyOnce } from '../support/exactly-once.ts'
import { groupSnapshot, type GroupSnapshot } from '../support/group-snapshot.ts'
import { HotStore } from '../support/hot-store.ts'
import { HotStoreConsumer } from '../support/hot-store-consumer.ts'
import { runPython } from '../support/python.ts'
import { withScratch } from '../support/scratch.ts'
import { testSeed } from '../support/seed.ts'
import { untilIdle } from '../support/settled-table.ts'
import { killAllSilt, type SiltProcess } from '../support/silt-process.ts'
import { createTopic, topicEnds } from '../support/topics.ts'
import { variedEvents } from '../support/varied-events.ts'
import { waitFor } from '../support/wait-for.ts'

const script = fileURLToPath(new URL('../load/produce_records.py', import.meta.url))
const kinds = ['committer', 'writer', 'ingestor'] as const
const eventCount = 100_000
const partitionCount = 6
const topic = 'platform-events'
const minutes = 60_000
const arriveMsMax = 2 * minutes

afterAll(killAllSilt)

test(
  'hot store and table hold the same 100,000 events, row for row, and the hot store’s group is left alone',
  async () => {
    const servers = inject('servers')
    const { bootstrapServers } = servers.kafka
    await createTopic(bootstrapServers, topic, partitionCount)
    const folder = await mkdtemp(join(tmpdir(), 'silt-platform-'))
    const platform = await startComposePlatform(servers, topic, folder)
    const operator = platform.as('silt')
    const start = (actor: ActorKind, index: number): SiltProcess =>
      startActor(platform.as(actor), actor, `${actor}-${index}`)
    const hotStore = await HotStore.open(platform.hotStoreUrl)
    const bento = new HotStoreConsumer({ environment: platform.bentoEnvironment, members: 2, repeatEvery: 10 })
    const group = (): Promise<GroupSnapshot> => groupSnapshot(bootstrapServers, bento.groupId, topic)
    try {
      await bento.start()
      const joins = bento.joins
      const before = await group()
      expect(before).toMatchObject({ state: 'Stable', members: [{}, {}] })

      // Silt comes, is rebalanced, and settles what the other group reads at the same time.
      const actors = kinds.flatMap((kind) => [start(kind, 0), start(kind, 1)])
      const tails = (): string => actors.map((each) => each.tail()).join('\n')
      await produce(bootstrapServers)
      const leaving = actors.find(({ name }) => name === 'ingestor-0')
      expect(await leaving?.terminate()).toBe(0)
      actors.push(start('ingestor', 2))
      await untilIdle(platform.as('ingestor'), tails)
      const ends = await topicEnds(bootstrapServers, topic)
      await waitFor(
        'the hot store to have every event',
        async () => {
          const counts = await hotStore.counts(topic)
          return counts.events + counts.rejected >= eventCount || undefined
        },
        arriveMsMax,
        500,
      )
      const committed = await waitFor(
        'the other group to commit its last batch',
        async () => {
          const now = await group()
          return now.offsets.every(([partition, offset]) => Number(offset) === ends.get(partition)) ? now : undefined
        },
        arriveMsMax,
      )
      // Only now: a batch that is delivered twice has all its events in the hot store before it is delivered again.
      const consumed = await hotStore.counts(topic)
      expect({ ...committed, crashes: bento.crashes }).toMatchObject({
        state: 'Stable',
        members: before.members,
        crashes: [],
      })

      const difference = await hotStore.compareWith(operator)
      console.log(
        `${difference.hotRows} rows in PostgreSQL, ${difference.tableRows} in the table, ` +
          `${difference.onlyHot.length + difference.onlyTable.length} differ; delivered twice and counted: ${consumed.repeated}`,
      )
      expect(difference).toEqual({ hotRows: eventCount, tableRows: eventCount, onlyHot: [], onlyTable: [] })
      expect(consumed).toEqual({ events: eventCount, rejected: 0, repeated: bento.repeated })
      expect(bento.repeated).toBeGreaterThan(0)
      await expectExactlyOnce(operator, ends)

      // Silt goes; of all that the other group has seen nothing.
      for (const each of actors.filter(({ running }) => running)) expect(await each.terminate(), each.tail()).toBe(0)
      expect(await group()).toEqual(committed)
      expect(bento.joins).toBe(joins)
    } finally {
      await bento.stop()
      await hotStore.close()
      await killAllSilt()
      await platform.stop()
      await rm(folder, { recursive: true, force: true })
    }
  },
  6 * minutes,
)

/** By librdkafka, in three codecs, with times of its own. */
async function produce(brokers: string): Promise<void> {
  await withScratch(async (folder) => {
    const path = join(folder, 'records.ndjson')
    const lines = Array.from(variedEvents(eventCount, testSeed('platform')), ({ value, timestampMs }) =>
      JSON.stringify({ key: null, headers: [], value: Buffer.from(value).toString('base64'), timestampMs }),
    )
    await writeFile(path, `${lines.join('\n')}\n`)
    await runPython(script, [path, brokers, topic, String(partitionCount)])
  })
}
