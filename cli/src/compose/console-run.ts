import type { Settings } from '@silt/config'
import { runConsole, type ConsoleOptions } from '@silt/console'
import { SiltError } from '@silt/core'
import { QueueListing } from '@silt/queue/redis'
import { redisIdentity } from './identities.ts'
import type { ServiceParts } from './service-parts.ts'

const minuteMs = 60_000

/** Settings into the queue page of the Redis that REDIS_URL names. */
export async function consoleRun(parts: ServiceParts): Promise<void> {
  const { settings, terminal, log } = parts
  const { clock } = terminal
  const listing = new QueueListing({
    redisUrl: shownRedis(settings),
    identity: redisIdentity(settings, { ...terminal, log }),
    clock,
    onError: (error) => log.warn({ error }, 'the connection to Redis is disturbed'),
  })
  try {
    await runConsole({ ...parts, listing, clock }, consoleOptions(settings), terminal.signal)
  } finally {
    await listing.close()
  }
}

/** The URL of the queues to show. Errors: `run/needs-redis` (invalid). */
export function shownRedis({ REDIS_URL: url }: Settings): string {
  if (url === undefined)
    throw new SiltError('invalid', 'run/needs-redis', 'the console needs REDIS_URL, the queues it is to show')
  return url
}

/** What the settings say to the console. */
export function consoleOptions(settings: Settings): ConsoleOptions {
  return {
    host: settings.CONSOLE_HOST,
    port: settings.CONSOLE_PORT,
    readerToken: settings.CONSOLE_TOKEN,
    operatorToken: settings.CONSOLE_ADMIN_TOKEN,
    userHeader: settings.CONSOLE_USER_HEADER,
    proxyToken: settings.CONSOLE_PROXY_TOKEN,
    operators: settings.CONSOLE_ADMIN_USERS?.split(',').map((user) => user.trim()) ?? [],
    sessionMs: settings.CONSOLE_SESSION_MINUTES * minuteMs,
    shutdownDeadlineMs: settings.SHUTDOWN_DEADLINE_MS,
  }
}
