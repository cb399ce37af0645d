import { SiltError, systemClock, type Log } from '@silt/core'
import { noMetrics, silentLog } from '@silt/core/testing'
import { afterEach, expect, test } from 'vitest'
import { runConsole, type ConsoleOptions } from '../../src/index.ts'

const readerToken = 'the-token-that-looks'
const operatorToken = 'the-token-that-acts-'
const proxyToken = 'the-token-of-a-proxy'
const options: ConsoleOptions = {
  host: '127.0.0.1',
  port: 0,
  readerToken,
  operatorToken,
  userHeader: 'X-Forwarded-User',
  proxyToken,
  operators: ['ada'],
  sessionMs: 60_000,
  shutdownDeadlineMs: 1_000,
}

const stops: (() => Promise<void>)[] = []
afterEach(async () => {
  await Promise.all(stops.splice(0).map((stop) => stop()))
})

interface Running {
  readonly ask: (path: string, init?: RequestInit) => Promise<Response>
  readonly logged: Readonly<Record<string, unknown>>[]
  readonly states: string[]
  readonly ended: Promise<void>
}

async function start(
  overrides: Partial<ConsoleOptions> = {},
  names: () => Promise<readonly string[]> = async () => [],
): Promise<Running> {
  const stop = new AbortController()
  const states: string[] = []
  const logged: Readonly<Record<string, unknown>>[] = []
  let tellPort = (_port: number): void => undefined
  const listening = new Promise<number>((resolve) => (tellPort = resolve))
  const keep: Log['info'] = (fields) => {
    logged.push(fields)
    if (typeof fields['port'] === 'number') tellPort(fields['port'])
  }
  const running = runConsole(
    {
      listing: { names, queue: () => Promise.reject(new Error('no queue here')) as never },
      clock: systemClock,
      log: { ...silentLog, info: keep, warn: keep },
      metrics: noMetrics,
      onReady: () => void states.push('ready'),
      onWaiting: (why) => void states.push(why),
    },
    { ...options, ...overrides },
    stop.signal,
  )
  stops.push(async () => {
    stop.abort()
    await running.catch(() => undefined)
  })
  const port = await Promise.race([listening, running.then(() => Promise.reject(new Error('it ended')))])
  const ask: Running['ask'] = (path, init) => fetch(`http://127.0.0.1:${port}${path}`, { redirect: 'manual', ...init })
  return { ask, logged, states, ended: running }
}

function logIn(
  { ask }: Running,
  token: string,
  headers: Readonly<Record<string, string>> = {},
  next = '',
): Promise<Response> {
  const body = new URLSearchParams({ token, name: ' Ada ', next })
  return ask('/login', { method: 'POST', body, headers: { 'sec-fetch-site': 'same-origin', ...headers } })
}

const pause = '/queues/api/queues/any/pause'

test('nobody learns anything without a login: pages lead to it, the API says so', async () => {
  const { ask } = await start()
  for (const path of ['/queues', '/queues/queue/x', '/queues/static/js/main.js']) {
    const answer = await ask(path, { headers: { accept: 'text/html' } })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `/login?next=${encodeURIComponent(path)}`])
  }
  for (const [path, method] of [
    ['/queues/api/queues', 'GET'],
    ['/queues/api/redis/stats', 'GET'],
    [pause, 'PUT'],
  ] as const) {
    const answer = await ask(path, { method })
    expect([answer.status, await answer.json()]).toMatchObject([401, { code: 'console/no-login' }])
  }
})

test('a login is a cookie that scripts cannot read and other sites cannot send; it ends with the session', async () => {
  const console = await start()
  const answer = await logIn(console, operatorToken, { 'x-forwarded-proto': 'https' }, '/queues/queue/x')
  expect([answer.status, answer.headers.get('location')]).toEqual([303, '/queues/queue/x'])
  const cookie = answer.headers.get('set-cookie') ?? ''
  expect(cookie).toMatch(/; Path=\/; HttpOnly; SameSite=Strict; Max-Age=60; Secure$/)
  expect(cookie).not.toContain(operatorToken)
  const headers = { cookie: cookie.split(';')[0] ?? '' }
  expect((await console.ask('/queues/api/queues', { headers })).status).toBe(200)
  expect((await logIn(console, readerToken)).headers.get('set-cookie')).not.toContain('Secure')
  const out = await console.ask('/logout', { headers })
  expect(out.headers.get('set-cookie')).toMatch(/^silt-console=; .*Max-Age=0/)
})

test.each(['https://evil.example/', '//evil.example', '/login', '/queues/../x', 'javascript:1'])(
  'a login leads nowhere else: %s',
  async (next) => {
    expect((await logIn(await start(), readerToken, {}, next)).headers.get('location')).toBe('/queues')
  },
)

test('a wrong token is refused and logged, without the token', async () => {
  const console = await start()
  const answer = await logIn(console, 'a-token-of-nobody-at-all')
  expect(answer.status).toBe(401)
  expect(answer.headers.get('set-cookie')).toBeNull()
  expect(console.logged.at(-1)).toMatchObject({ code: 'console/login-refused' })
  expect(JSON.stringify(console.logged)).not.toContain('nobody')
  expect((await logIn(console, readerToken, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
})

test('a reader acts nowhere, an operator only by a page of the console or a bearer token; each try is logged', async () => {
  const console = await start()
  const cookieOf = async (token: string): Promise<string> =>
    (await logIn(console, token)).headers.get('set-cookie')?.split(';')[0] ?? ''
  const [reader, operator] = [await cookieOf(readerToken), await cookieOf(operatorToken)]
  const put = async (headers: Readonly<Record<string, string>>, path = pause): Promise<unknown> => {
    const answer = await console.ask(path, { method: 'PUT', headers })
    const { code } = (await answer.json()) as { code?: string }
    return [answer.status, code]
  }
  const ours = { 'sec-fetch-site': 'same-origin' }
  // 404: it was let through to the board, which has no such queue.
  const letThrough = [404, undefined]
  expect(await put({ cookie: reader, ...ours })).toEqual([403, 'console/reader'])
  expect(await put({ authorization: `Bearer ${readerToken}` })).toEqual([403, 'console/reader'])
  expect(await put({ cookie: operator, ...ours })).toEqual(letThrough)
  expect(await put({ cookie: operator })).toEqual([403, 'console/foreign-page'])
  expect(await put({ cookie: operator, 'sec-fetch-site': 'same-site' })).toEqual([403, 'console/foreign-page'])
  expect(await put({ cookie: operator, origin: 'https://evil.example' })).toEqual([403, 'console/foreign-page'])
  expect(await put({ authorization: `Bearer ${operatorToken}` })).toEqual(letThrough)
  const proxied = { 'x-silt-proxy-token': proxyToken, 'x-forwarded-user': 'ada' }
  expect(await put({ ...proxied, ...ours })).toEqual(letThrough)
  expect(await put(proxied)).toEqual([403, 'console/foreign-page'])
  expect(await put({ ...proxied, 'x-forwarded-user': 'bob', ...ours })).toEqual([403, 'console/reader'])
  expect(await put({ 'x-forwarded-user': 'ada', ...ours })).toEqual([401, 'console/no-login'])
  expect(await put({ cookie: operator, ...ours }, '/queues/api/queues/any/obliterate')).toEqual([
    403,
    'console/not-offered',
  ])

  const told = console.logged.filter(({ action }) => action !== undefined)
  expect(told).toHaveLength(11)
  expect(told[2]).toMatchObject({
    who: 'Ada, by CONSOLE_ADMIN_TOKEN',
    action: 'pause',
    queue: 'any',
    outcome: 'failed',
  })
  expect(told[9]).toMatchObject({ who: 'bob', role: 'reader', outcome: 'refused' })
})

test('every answer forbids foreign scripts, frames and caches', async () => {
  const console = await start()
  const headers = { authorization: `Bearer ${readerToken}`, accept: 'text/html' }
  for (const path of ['/login', '/about', '/queues', '/nowhere']) {
    const answer = await console.ask(path, { headers })
    expect(answer.headers.get('content-security-policy')).toContain("script-src 'self'")
    expect(answer.headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(answer.headers.get('cache-control')).toBe('no-store')
    expect(await answer.text()).not.toMatch(/https?:\/\/(?!www\.w3\.org)/)
  }
})

test.each([
  [
    { readerToken: undefined, operatorToken: undefined, userHeader: undefined, proxyToken: undefined },
    'console/needs-login',
    'CONSOLE_TOKEN',
  ],
  [{ operatorToken: readerToken }, 'console/same-tokens', 'CONSOLE_ADMIN_TOKEN'],
  [{ proxyToken: undefined }, 'console/needs-proxy-token', 'CONSOLE_PROXY_TOKEN'],
  [{ userHeader: undefined }, 'console/needs-proxy-token', 'CONSOLE_USER_HEADER'],
])('it does not start without a login that holds: %j', async (overrides, code, setting) => {
  await expect(start(overrides)).rejects.toMatchObject({ code, message: expect.stringContaining(setting) as string })
})

test('a Redis that is away is waited for; one that refuses us at start ends the console', async () => {
  let answer: () => Promise<readonly string[]> = () =>
    Promise.reject(new SiltError('unavailable', 'queue/unavailable', 'REDIS_URL: away'))
  const console = await start({}, () => answer())
  expect(console.states).toEqual(['REDIS_URL: away'])
  answer = async () => []
  await expect.poll(() => console.states.at(-1), { timeout: 30_000 }).toBe('ready')
  const denied = new SiltError('invalid', 'queue/denied', 'REDIS_PASSWORD is wrong')
  const refused = await start({}, () => Promise.reject(denied))
  await expect(refused.ended).rejects.toBe(denied)
})
