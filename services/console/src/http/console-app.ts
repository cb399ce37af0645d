import { type Clock, type Log, type Metrics } from '@silt/core'
import { Hono, type Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { boardAction } from '../board/board-action.ts'
import { boardPath, type QueueBoards } from '../board/queue-boards.ts'
import { describeTokenUser, recognise, roleOfToken, type HeaderOf } from '../login/recognise.ts'
import { isSameSite } from '../login/same-site.ts'
import { sealSession, sessionCookieName } from '../login/session-cookie.ts'
import type { LoginRules, Visitor } from '../visitor.ts'
import { aboutPage, loginPage } from './pages.ts'

export interface ConsoleAppParts {
  readonly boards: QueueBoards
  readonly login: LoginRules
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
}

const bodyBytesMax = 64 * 1024
const nameCharsMax = 64
/** A wrong token is answered late; guessing one of 16 characters and more is hopeless anyway. */
const refusalMs = 300

/** Scripts only from this server; the board styles its elements one by one. */
const contentSecurityPolicy = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'self'",
  "frame-ancestors 'none'",
].join('; ')

/** Login, and behind it the queue page; whoever is not logged in learns nothing of the queues. */
export function consoleApp(parts: ConsoleAppParts): Hono {
  const app = new Hono()
  app.use(async (c, next) => {
    await next()
    c.res.headers.set('content-security-policy', contentSecurityPolicy)
    c.res.headers.set('x-content-type-options', 'nosniff')
    c.res.headers.set('referrer-policy', 'same-origin')
    if (!c.req.path.startsWith(`${boardPath}/static/`)) c.res.headers.set('cache-control', 'no-store')
  })
  app.use(
    bodyLimit({
      maxSize: bodyBytesMax,
      onError: (c) => c.json(refusal('console/too-large', 'the body is too large'), 413),
    }),
  )
  app.get('/', (c) => c.redirect(boardPath))
  app.get('/login', (c) => c.html(loginPage({ next: c.req.query('next') ?? boardPath, refused: false })))
  app.post('/login', (c) => logIn(c, parts))
  app.get('/logout', (c) => logOut(c))
  app.get('/about', (c) => c.html(aboutPage()))
  app.all(boardPath, (c) => board(c, parts))
  app.all(`${boardPath}/*`, (c) => board(c, parts))
  app.notFound((c) =>
    c.json(refusal('console/not-found', `there is nothing here; the queues are at ${boardPath}`), 404),
  )
  app.onError((error, c) => {
    parts.log.error({ error }, 'a request met a bug')
    return c.json(refusal('console/internal', 'a bug of the console; its log says more'), 500)
  })
  return app
}

async function logIn(c: Context, { login, clock, log, metrics }: ConsoleAppParts): Promise<Response> {
  if (!isSameSite(headerOf(c))) return c.json(refusal('console/foreign-page', 'log in by the form of this page'), 403)
  const form = await c.req.parseBody()
  const text = (field: string): string => (typeof form[field] === 'string' ? form[field] : '')
  const next = localPath(text('next'))
  const role = roleOfToken(text('token').trim(), login)
  const who = role === undefined ? '' : describeTokenUser(role, text('name').trim().slice(0, nameCharsMax))
  const value =
    role === undefined ? undefined : sealSession({ role, who, endsMs: clock.nowMs() + login.sessionMs }, login)
  metrics.count('silt_console_logins_total', { outcome: role ?? 'refused' })
  if (role === undefined || value === undefined) {
    log.warn({ code: 'console/login-refused' }, 'a login with a wrong token')
    await clock.sleep(refusalMs)
    return c.html(loginPage({ next, refused: true }), 401)
  }
  log.info({ who, role }, 'logged in')
  c.header('set-cookie', sessionCookie(c, value, Math.floor(login.sessionMs / 1000)))
  return c.redirect(next, 303)
}

function logOut(c: Context): Response {
  c.header('set-cookie', sessionCookie(c, '', 0))
  return c.redirect('/login', 303)
}

async function board(c: Context, { boards, login, clock, log, metrics }: ConsoleAppParts): Promise<Response> {
  const visitor = recognise(headerOf(c), login, clock.nowMs())
  if (visitor === undefined) return askToLogIn(c)
  const asked = boardAction(c.req.method, c.req.path.slice(`${boardPath}/api`.length))
  if (asked.kind === 'look') return withoutForeignFont(await boards.fetch(c.req.raw, visitor.role))
  const what = asked.kind === 'act' ? asked : { action: 'not-offered', queue: null, job: null }
  const refused = refusalOf(visitor, asked.kind === 'act', headerOf(c))
  const response = refused === undefined ? await boards.fetch(c.req.raw, visitor.role) : c.json(refused, 403)
  const outcome = refused !== undefined ? 'refused' : response.ok ? 'done' : 'failed'
  metrics.count('silt_console_actions_total', { action: what.action, outcome })
  const { who, role } = visitor
  const { action, queue, job } = what
  log[outcome === 'done' ? 'info' : 'warn'](
    { who, role, action, queue, job, outcome, status: response.status, path: c.req.path },
    'operator action',
  )
  return response
}

function refusalOf(visitor: Visitor, isOffered: boolean, header: HeaderOf): Refusal | undefined {
  if (visitor.role !== 'operator')
    return refusal(
      'console/reader',
      'you may look, not act; log in with CONSOLE_ADMIN_TOKEN, or be named in CONSOLE_ADMIN_USERS',
    )
  if (visitor.by !== 'bearer' && !isSameSite(header))
    return refusal('console/foreign-page', 'this was not asked for by a page of this console')
  return isOffered ? undefined : refusal('console/not-offered', 'jobs are made and changed by actors only')
}

function askToLogIn(c: Context): Response {
  const isPage = c.req.method === 'GET' && (c.req.header('accept') ?? '').includes('text/html')
  if (isPage) return c.redirect(`/login?next=${encodeURIComponent(c.req.path)}`, 303)
  c.header('www-authenticate', 'Bearer')
  return c.json(refusal('console/no-login', 'log in at /login, or send "authorization: Bearer <CONSOLE_TOKEN>"'), 401)
}

/** A third party need not know who looks at queues. */
async function withoutForeignFont(response: Response): Promise<Response> {
  if (response.headers.get('content-type')?.startsWith('text/html') !== true) return response
  const html = (await response.text()).replace(/<link href="https:\/\/fonts\.[^>]*>/, '')
  const headers = new Headers(response.headers)
  headers.delete('content-length')
  return new Response(html, { status: response.status, headers })
}

/** Only a place of this console: another would make the login a sign-post to anywhere. */
function localPath(path: string): string {
  return /^\/queues(\/[A-Za-z0-9%._-]+)*\/?$/.test(path) && !path.includes('..') ? path : boardPath
}

function sessionCookie(c: Context, value: string, maxAgeSeconds: number): string {
  // Behind a proxy that ends TLS the cookie must not go by plain http; without one a browser would drop it.
  const secure = c.req.header('x-forwarded-proto') === 'https' ? '; Secure' : ''
  return `${sessionCookieName}=${value}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}${secure}`
}

function headerOf(c: Context): HeaderOf {
  return (name) => c.req.header(name)
}

interface Refusal {
  readonly error: string
  readonly code: string
}

function refusal(code: string, error: string): Refusal {
  return { error, code }
}
