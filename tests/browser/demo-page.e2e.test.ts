import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServers } from '../servers/index.ts'
import { openBrowser, type OpenBrowser } from '../support/browser.ts'
import { EmbeddedTable } from '../support/embedded-table.ts'
import { listeningAt } from '../support/listening-at.ts'
import { readRecords } from '../support/read-records.ts'
import { withScratch } from '../support/scratch.ts'
import { killAllSilt, SiltProcess } from '../support/silt-process.ts'
import { createTopic } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const token = 'a-token-of-this-page-01'
const topic = 'clicks'

const startKafka = (): ReturnType<typeof startServers<{ kafka: Record<string, never> }>> => startServers({ kafka: {} })
let servers: Awaited<ReturnType<typeof startKafka>>
let browser: OpenBrowser

beforeAll(async () => {
  ;[servers, browser] = await Promise.all([startKafka(), openBrowser()])
})
afterAll(async () => {
  await browser.close()
  await killAllSilt()
  await servers.stop()
})

interface Event {
  readonly event_type: string
  readonly channel: string
  readonly resource_title: string | null
  readonly interaction_target: string | null
  readonly interaction_value: number | null
  readonly interaction_text: string | null
  readonly session_id: string
  readonly user_agent: string
}

/** Looks, likes, buys and searches, with the mouse and the keyboard; waits until the page says that each is durable. */
async function clickAround(address: string): Promise<void> {
  const { page } = browser
  await page.goto(address)
  const cup = page.locator('article', { hasText: 'Clay cup' })
  await cup.getByRole('button', { name: 'Like' }).click()
  await cup.getByRole('button', { name: 'Buy' }).click()
  await page.locator('article', { hasText: 'River stone' }).locator('h2').click()
  await page.getByRole('searchbox').fill('a café, “quoted”')
  await page.keyboard.press('Enter')
  await expect.poll(() => page.locator('li[data-state=durable]').count(), { timeout: 60_000 }).toBe(5)
  expect(await page.locator('#count').innerText()).toBe('5')
}

function expectClicks(events: readonly Event[]): void {
  const told = events.map((event) => [
    event.event_type,
    event.resource_title,
    event.interaction_target,
    event.interaction_value,
  ])
  expect(told.slice(0, 4)).toEqual([
    ['page_view', 'Silt demo', null, null],
    ['click', 'Clay cup', 'button#like', null],
    ['click', 'Clay cup', 'button#buy', 12.9],
    ['article_open', 'River stone', 'article', null],
  ])
  expect(events[4]).toMatchObject({ event_type: 'search', interaction_text: 'a café, “quoted”' })
  expect(new Set(events.map(({ session_id }) => session_id)).size).toBe(1)
  expect(events.every((event) => event.channel === 'web' && event.user_agent.includes('Chrome'))).toBe(true)
  expect(browser.complaints).toEqual([])
}

test('clicks in a browser are records of the Kafka topic, with a token', async () => {
  const { bootstrapServers } = servers.settings.kafka
  await createTopic(bootstrapServers, topic, 1)
  const collector = new SiltProcess('collector', ['run', 'collector'], {
    KAFKA_BOOTSTRAP_SERVERS: bootstrapServers,
    KAFKA_TOPIC: topic,
    HTTP_PORT: '0',
    HTTP_TOKEN: token,
    HTTP_DEMO_PAGE: 'true',
  })
  const base = await listeningAt(collector)
  await clickAround(`${base}/#token=${token}`)

  const records = await readRecords(bootstrapServers, topic)
  const events = records.map(({ value }) => JSON.parse(value) as Event)
  expectClicks(events)
  expect(await collector.terminate(), collector.tail()).toBe(0)
})

test('embedded: clicks, and the beacon of a page that is left, are rows of the table', () =>
  withScratch(async (folder) => {
    const table = new EmbeddedTable(folder)
    const collector = new SiltProcess('collector', ['run', 'collector'], {
      ...table.environment,
      HTTP_PORT: '0',
      HTTP_DEMO_PAGE: 'true',
    })
    await clickAround(await listeningAt(collector))
    await browser.page.goto('about:blank')
    const path = join(table.topicFolder, '0.ndjson')
    const lines = await waitFor('the beacon', async () => {
      const found = (await readFile(path, 'utf8')).trimEnd().split('\n')
      return found.length === 6 ? found : undefined
    })
    const events = lines.map((line) => JSON.parse(line) as Event)
    expectClicks(events)
    expect(events[5]?.event_type).toBe('page_leave')
    expect(await collector.terminate(), collector.tail()).toBe(0)

    await table.settle()
    expect(await table.auditReport()).toMatchObject({ verdict: 'proved', rows: 6, deadLetters: 0 })
    const { stdout } = await table.silt('table', 'cat', '--limit', '6')
    for (const word of ['page_view', 'button#buy', 'Clay cup', 'page_leave', 'café']) expect(stdout).toContain(word)
    await table.expectSound()
  }))
