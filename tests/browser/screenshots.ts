// Takes the pictures of docs/images anew: node tests/browser/screenshots.ts (npm run screenshots --workspace tests).
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { queueName } from '@silt/contracts'
import { systemClock } from '@silt/core'
import { BullmqQueueProvider } from '@silt/queue/redis'
import { startRedis } from '../servers/index.ts'
import { openBrowser } from '../support/browser.ts'
import { EmbeddedTable } from '../support/embedded-table.ts'
import { listeningAt } from '../support/listening-at.ts'
import { withScratch } from '../support/scratch.ts'
import { killAllSilt, SiltProcess } from '../support/silt-process.ts'

const images = fileURLToPath(new URL('../../docs/images', import.meta.url))
const token = 'a-token-for-a-picture-1'
const settledMs = 3_000

async function main(): Promise<void> {
  const browser = await openBrowser()
  try {
    await queuePage(browser.page)
    await demoPage(browser.page)
  } finally {
    await browser.close()
    await killAllSilt()
  }
}

type Page = Awaited<ReturnType<typeof openBrowser>>['page']

async function queuePage(page: Page): Promise<void> {
  const redis = await startRedis()
  const queues = new BullmqQueueProvider({
    redisUrl: redis.settings.url,
    identity: () => ({ username: '', password: '', tls: {} }),
    clock: systemClock,
    onError: () => undefined,
  })
  try {
    for (const [kind, count] of [
      ['write', 7],
      ['commit', 2],
    ] as const) {
      const queue = queues.open(queueName('analytics-events', kind, 1))
      for (let index = 0; index < count; index++)
        await queue.add({ id: `${kind}${index}`, data: { v: 1, unitId: `4f1d09c2a7b3e85${index}` } })
      // One is under way, and stays so.
      const endless = (): Promise<never> => new Promise(() => undefined)
      queue.consume(endless, { concurrency: 1, onError: () => undefined })
    }
    const environment = { REDIS_URL: redis.settings.url, CONSOLE_PORT: '0', CONSOLE_TOKEN: token }
    const base = await listeningAt(new SiltProcess('console', ['run', 'console'], environment))
    await page.goto(`${base}/queues`)
    await page.getByLabel('Token').fill(token)
    await page.getByRole('button', { name: 'Log in' }).click()
    await page.getByText('analytics-events: write jobs v1').first().waitFor()
    await page.waitForTimeout(settledMs)
    await page.screenshot({ path: join(images, 'queues.png'), clip: { x: 0, y: 0, width: 1280, height: 420 } })
  } finally {
    await queues.close()
    await redis.dispose()
  }
}

function demoPage(page: Page): Promise<void> {
  return withScratch(async (folder) => {
    const { environment } = new EmbeddedTable(folder)
    const more = { ...environment, HTTP_PORT: '0', HTTP_DEMO_PAGE: 'true' }
    await page.goto(await listeningAt(new SiltProcess('collector', ['run', 'collector'], more)))
    for (const name of ['Like', 'Buy']) await page.getByRole('button', { name }).first().click()
    await page.locator('li[data-state=durable]').nth(2).waitFor()
    await page.screenshot({ path: join(images, 'demo-page.png'), clip: { x: 0, y: 0, width: 1280, height: 620 } })
  })
}

await main()
// The jobs under way never end.
process.exit()
