import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chromium, type BrowserContext, type Page } from 'playwright-core'

const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

const actionMsMax = 60_000

/** A real browser with a profile of its own. */
export interface OpenBrowser {
  readonly page: Page
  readonly context: BrowserContext
  /** What pages asked other servers for, and what they could not do: a test expects none. */
  readonly complaints: readonly string[]
  close(): Promise<void>
}

/** Opens the system's chromium without a window; `SILT_TEST_CHROMIUM` names another. */
export async function openBrowser(): Promise<OpenBrowser> {
  const profile = await mkdtemp(join(tmpdir(), 'silt-browser-'))
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: chromiumPath(),
    headless: true,
    args: flags,
    viewport: { width: 1280, height: 800 },
    colorScheme: 'light',
  })
  context.setDefaultTimeout(actionMsMax)
  const page = context.pages()[0] ?? (await context.newPage())
  const complaints: string[] = []
  page.on('console', (message) => {
    // A refused request is what some tests ask for.
    if (message.type() === 'error' && !message.text().includes('Failed to load resource'))
      complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    if (!/^(http:\/\/(127\.0\.0\.1|localhost):|data:|blob:)/.test(request.url()))
      complaints.push(`asked for ${request.url()}`)
  })
  return {
    page,
    context,
    complaints,
    close: async () => {
      await context.close()
      await rm(profile, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 })
    },
  }
}

function chromiumPath(): string {
  const named = process.env['SILT_TEST_CHROMIUM']
  const found = [named, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(
    (path) => path !== undefined && existsSync(path),
  )
  if (found === undefined)
    throw new Error('there is no chromium; install it (Debian: chromium) or name it in SILT_TEST_CHROMIUM')
  return found
}
