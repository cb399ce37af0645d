import { asSiltError, SiltError, type Clock, type Log, type Metrics } from '@silt/core'
import { QueueBoards, type Listing } from './board/queue-boards.ts'
import { consoleApp } from './http/console-app.ts'
import { serveConsole } from './http/serve.ts'
import type { LoginRules } from './visitor.ts'

export interface ConsoleOptions {
  readonly host: string
  readonly port: number
  readonly readerToken: string | undefined
  readonly operatorToken: string | undefined
  readonly userHeader: string | undefined
  readonly proxyToken: string | undefined
  /** Users of the proxy that may act. */
  readonly operators: readonly string[]
  readonly sessionMs: number
  readonly shutdownDeadlineMs: number
}

export interface ConsoleParts {
  readonly listing: Listing
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly onReady: () => void
  readonly onWaiting: (why: string) => void
}

const refreshMs = 2_000

/**
 * Serves the queue page until `signal` aborts. A Redis that is away is waited for; the page says so meanwhile.
 * Errors: `console/needs-login`, `console/needs-proxy-token`, `console/port-taken`, and a Redis that refuses us at start (all invalid).
 */
export async function runConsole(parts: ConsoleParts, options: ConsoleOptions, signal: AbortSignal): Promise<void> {
  const login = loginRules(options)
  const { listing, clock, log, metrics } = parts
  const boards = new QueueBoards(listing)
  const server = await serveConsole(
    consoleApp({ boards, login, clock, log, metrics }),
    options.host,
    options.port,
    clock,
  )
  log.info({ host: options.host, port: server.port }, 'shows queues')
  try {
    await refreshBoards(boards, parts, signal)
  } finally {
    parts.onWaiting('stopping')
    await server.stop(options.shutdownDeadlineMs)
  }
}

/** Who may look and act. Errors: `console/needs-login`, `console/same-tokens`, `console/needs-proxy-token` (invalid). */
export function loginRules(options: ConsoleOptions): LoginRules {
  const { readerToken, operatorToken, userHeader, proxyToken, operators, sessionMs } = options
  if (readerToken === undefined && operatorToken === undefined && userHeader === undefined)
    throw new SiltError(
      'invalid',
      'console/needs-login',
      'the console shows nothing without a login; set CONSOLE_TOKEN, CONSOLE_ADMIN_TOKEN or CONSOLE_USER_HEADER',
    )
  if (readerToken !== undefined && readerToken === operatorToken)
    throw new SiltError('invalid', 'console/same-tokens', 'CONSOLE_TOKEN and CONSOLE_ADMIN_TOKEN must differ')
  if ((userHeader === undefined) !== (proxyToken === undefined))
    throw new SiltError(
      'invalid',
      'console/needs-proxy-token',
      'CONSOLE_USER_HEADER and CONSOLE_PROXY_TOKEN must be set together: anybody can send a header, only the proxy knows the token',
    )
  const proxy =
    userHeader === undefined || proxyToken === undefined
      ? undefined
      : { userHeader: userHeader.toLowerCase(), token: proxyToken, operators }
  return { readerToken, operatorToken, proxy, sessionMs }
}

async function refreshBoards(boards: QueueBoards, parts: ConsoleParts, signal: AbortSignal): Promise<void> {
  const { clock, log, metrics, onReady, onWaiting } = parts
  let wasReady = false
  let told = ''
  while (!signal.aborted) {
    try {
      metrics.gauge('silt_console_queues', {}, await boards.refresh())
      onReady()
      if (told !== '') log.info({}, 'Redis is back')
      wasReady = true
      told = ''
    } catch (thrown) {
      const error = asSiltError(thrown)
      // Rights that were there before may come back: passwords are rotated.
      if (error.kind !== 'unavailable' && !wasReady) throw error
      onWaiting(error.message)
      if (error.message !== told) log.warn({ error }, 'the queues cannot be listed')
      told = error.message
    }
    await clock.sleep(refreshMs, signal)
  }
}
