import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { startServers } from '../servers/index.ts'
import { openBrowser, type OpenBrowser } from '../support/browser.ts'
import { startComposePlatform } from '../support/compose-platform.ts'
import { startActor } from '../support/deployment.ts'
import { HotStore } from '../support/hot-store.ts'
import { HotStoreConsumer } from '../support/hot-store-consumer.ts'
import { listeningAt } from '../support/listening-at.ts'
import { untilIdle } from '../support/settled-table.ts'
import { killAllSilt, SiltProcess } from '../support/silt-process.ts'
import { expectSoundTable } from '../support/sound-table.ts'
import { tableRows } from '../support/table-rows.ts'
import { createTopic, topicEnds } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const topic = 'demo-clicks'

afterAll(killAllSilt)

test('clicks on the demo page, made in a browser, arrive in the hot store and in the table', async () => {
  const servers = await startServers({ kafka: {}, minio: {} })
  const { bootstrapServers } = servers.settings.kafka
  const folder = await mkdtemp(join(tmpdir(), 'silt-clicks-'))
  await createTopic(bootstrapServers, topic, 3)
  const platform = await startComposePlatform(servers.settings, topic, folder)
  const hotStore = await HotStore.open(platform.hotStoreUrl)
  const bento = new HotStoreConsumer({ environment: platform.bentoEnvironment, members: 1, repeatEvery: 1000 })
  const page = new SiltProcess('demo-page', ['run', 'collector'], platform.as('demo-page').environment)
  const actors = (['committer', 'ingestor', 'writer'] as const).map((kind) => startActor(platform.as(kind), kind, kind))
  const tails = (): string => [page, ...actors].map((each) => each.tail()).join('\n')
  let browser: OpenBrowser | undefined
  try {
    const starting = bento.start()
    browser = await openBrowser()
    const sent = await clickThrough(browser, `${await listeningAt(page)}/#token=${platform.collectorToken}`)
    expect(sent.map(({ event_type }) => event_type)).toEqual(['page_view', 'click', 'click', 'article_open', 'search'])
    expect(browser.complaints).toEqual([])
    await browser.close()
    browser = undefined
    await starting
    expect(await page.terminate(), page.tail()).toBe(0)

    // What the page sent when it was left may have come or not: the topic tells how much there is.
    const ends = await topicEnds(bootstrapServers, topic)
    const count = [...ends.values()].reduce((sum, end) => sum + end, 0)
    expect(count).toBeGreaterThanOrEqual(sent.length)
    await untilIdle(platform.as('ingestor'), tails)
    await waitFor('the hot store to have every click', async () => {
      const { events } = await hotStore.counts(topic)
      return events >= count || undefined
    })
    const difference = await hotStore.compareWith(platform.as('silt'))
    expect(difference).toEqual({ hotRows: count, tableRows: count, onlyHot: [], onlyTable: [] })
    const columns = ['event_type', 'resource_title', 'interaction_value', 'interaction_text', 'session_id'] as const
    const rows = await tableRows(platform.as('silt'), columns)
    for (const event of sent) expect(rows).toContainEqual(columns.map((name) => event[name]))
    await expectSoundTable(platform.as('silt').environment)
    console.log(`${sent.length} clicks shown as durable, ${count} events in the topic, in PostgreSQL and in the table`)
  } catch (error) {
    throw new Error(tails(), { cause: error })
  } finally {
    await browser?.close()
    await killAllSilt()
    await bento.stop()
    await hotStore.close()
    await platform.stop()
    await servers.stop()
    await rm(folder, { recursive: true, force: true })
  }
}, 600_000)

type SentEvent = Readonly<Record<string, string | number | null>>

/** Clicks as a visitor would; returns what the page shows as durable, in the order in which it was sent. */
async function clickThrough({ page }: OpenBrowser, address: string): Promise<readonly SentEvent[]> {
  await page.goto(address)
  await page.getByRole('button', { name: 'Buy' }).first().click()
  await page.getByRole('button', { name: 'Like' }).nth(1).click()
  await page.getByRole('heading', { name: 'Clay cup' }).click()
  await page.getByRole('searchbox').fill('Lehm & Ton 🏺')
  await page.getByRole('button', { name: 'Search' }).click()
  const durable = page.locator('#sent li[data-state=durable]')
  await waitFor('the page to show five durable events', async () => (await durable.count()) === 5 || undefined)
  const texts = await durable.locator('code').allTextContents()
  return texts.reverse().map((text) => JSON.parse(text) as SentEvent)
}
