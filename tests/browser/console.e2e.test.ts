import { systemClock } from '@silt/core'
import { queueName } from '@silt/contracts'
import { BullmqQueueProvider } from '@silt/queue/redis'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startRedis } from '../servers/index.ts'
import { openBrowser, type OpenBrowser } from '../support/browser.ts'
import { killAllSilt, SiltProcess } from '../support/silt-process.ts'
import { listeningAt } from '../support/listening-at.ts'
import { waitFor } from '../support/wait-for.ts'

const readerToken = 'a-token-that-looks-0001'
const operatorToken = 'a-token-that-acts-00002'
const writeJobs = 'analytics-events: write jobs v1'
const commitJobs = 'analytics-events: commit jobs v1'

let redis: Awaited<ReturnType<typeof startRedis>>
let queues: BullmqQueueProvider
let browser: OpenBrowser
let running: SiltProcess
let base: string

beforeAll(async () => {
  redis = await startRedis()
  queues = new BullmqQueueProvider({
    redisUrl: redis.settings.url,
    identity: () => ({ username: '', password: '', tls: {} }),
    clock: systemClock,
    onError: () => undefined,
  })
  await addJobs(queueName('analytics-events', 'write', 1), 'u', 3)
  running = new SiltProcess('console', ['run', 'console'], {
    REDIS_URL: redis.settings.url,
    CONSOLE_PORT: '0',
    CONSOLE_TOKEN: readerToken,
    CONSOLE_ADMIN_TOKEN: operatorToken,
  })
  base = await listeningAt(running)
  browser = await openBrowser()
})
afterAll(async () => {
  await browser.close()
  await queues.close()
  await killAllSilt()
  await redis.dispose()
})

async function addJobs(queue: string, prefix: string, count: number): Promise<void> {
  const jobs = queues.open(queue)
  for (let index = 0; index < count; index++) await jobs.add({ id: `${prefix}${index}`, data: { v: 1 } })
}

async function logIn(token: string, name = ''): Promise<void> {
  const { page } = browser
  await page.goto(`${base}/queues`)
  await page.getByLabel('Token').fill(token)
  await page.getByLabel('Your name').fill(name)
  await page.getByRole('button', { name: 'Log in' }).click()
}

/** The card of a queue on the overview. */
function card(title: string): ReturnType<OpenBrowser['page']['locator']> {
  return browser.page.locator('main, #root').locator('li, a, div', { hasText: title }).filter({ hasText: /Job/ }).last()
}

function actions(): readonly (readonly unknown[])[] {
  return running.logs
    .filter(({ msg }) => msg === 'operator action')
    .map(({ who, action, queue, outcome }) => [who, action, queue, outcome])
}

test('without a token, and with a wrong one, there is only the login', async () => {
  const { page } = browser
  await page.goto(`${base}/queues`)
  expect(new URL(page.url()).pathname).toBe('/login')
  expect(await page.locator('body').innerText()).not.toContain('analytics-events')
  await logIn('a-token-of-nobody-0003')
  await page.getByRole('alert').waitFor()
  expect(await page.getByRole('alert').innerText()).toContain('not a token')
  expect(await page.context().cookies()).toEqual([])
  const api = await page.evaluate(async () => (await fetch('/queues/api/queues')).status)
  expect(api).toBe(401)
})

test('a reader sees every queue by its plain name, and its count as it changes while work waits', async () => {
  await logIn(readerToken)
  const { page } = browser
  await page.getByText(writeJobs).first().waitFor()
  expect(new URL(page.url()).pathname).toBe('/queues')
  await expect.poll(() => card(writeJobs).innerText(), { timeout: 60_000 }).toMatch(/\b3 Jobs/)

  await addJobs(queueName('analytics-events', 'write', 1), 'more', 4)
  await expect.poll(() => card(writeJobs).innerText(), { timeout: 60_000 }).toMatch(/\b7 Jobs/)

  await addJobs(queueName('analytics-events', 'commit', 1), 'c', 1)
  await page.getByText(commitJobs).first().waitFor()

  const consumption = queues
    .open(queueName('analytics-events', 'write', 1))
    .consume(() => Promise.resolve({}), { concurrency: 1, onError: () => undefined })
  await expect.poll(() => card(writeJobs).innerText(), { timeout: 60_000 }).toMatch(/\b0 Jobs|No jobs/i)
  await consumption.stop(5_000)
  expect(browser.complaints).toEqual([])
})

test('a reader cannot act: the server refuses, whatever the page offers', async () => {
  const { page } = browser
  const [cookie, ...others] = await page.context().cookies()
  expect(others).toEqual([])
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict' })
  const address = `/queues/api/queues/${encodeURIComponent(commitJobs)}/pause`
  const status = await page.evaluate(async (path) => (await fetch(path, { method: 'PUT' })).status, address)
  expect(status).toBe(403)
  await waitFor('the refusal in the log', () => actions().at(-1))
  expect(actions()).toEqual([['by CONSOLE_TOKEN', 'pause', commitJobs, 'refused']])
})

test('an operator pauses a queue in the page; the log says who, what and which', async () => {
  const { page } = browser
  await page.context().clearCookies()
  await logIn(operatorToken, 'Ada')
  await page.getByText(commitJobs).first().waitFor()
  await page.goto(`${base}/queues/queue/${encodeURIComponent(commitJobs)}`)
  await page.locator('[class*=trigger-][aria-haspopup=menu]').click()
  await page.getByRole('menuitem', { name: /^pause/i }).click()
  await page.getByRole('button', { name: /confirm/i }).click()
  await waitFor('the action in the log', () =>
    actions().find(([, action]) => action === 'pause' && actions().length > 1),
  )
  expect(actions().at(-1)).toEqual(['Ada, by CONSOLE_ADMIN_TOKEN', 'pause', commitJobs, 'done'])
  const added = await page.evaluate(
    async (path) => (await fetch(path, { method: 'POST', body: '{}' })).status,
    `/queues/api/queues/${encodeURIComponent(commitJobs)}/add`,
  )
  expect(added).toBe(403)
  expect(browser.complaints).toEqual([])
})

test('SIGTERM ends it in order', async () => {
  expect(await running.terminate(), running.tail()).toBe(0)
  expect(running.text.join('')).toBe('')
})
