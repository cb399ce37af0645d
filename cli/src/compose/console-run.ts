import { runConsole } from '@silt/console'
import { SiltError } from '@silt/core'
import { QueueListing } from '@silt/queue'
import { redisIdentity } from './identities.ts'
import type { ServiceParts } from './service-parts.ts'

const minuteMs = 60_000

/** Settings into the queue page of the Redis that REDIS_URL names. */
export async function consoleRun(parts: ServiceParts): Promise<void> {
  const { settings, terminal, log } = parts
  const { clock } = terminal
  if (settings.REDIS_URL === undefined)
    throw new SiltError('invalid', 'run/needs-redis', 'the console needs REDIS_URL, the queues it is to show')
  const listing = new QueueListing({
    redisUrl: settings.REDIS_URL,
    identity: redisIdentity(settings, { ...terminal, log }),
    clock,
    onError: (error) => log.warn({ error }, 'the connection to Redis is disturbed'),
  })
  try {
    await runConsole(
      { ...parts, listing, clock },
      {
        host: settings.CONSOLE_HOST,
        port: settings.CONSOLE_PORT,
        readerToken: settings.CONSOLE_TOKEN,
        operatorToken: settings.CONSOLE_ADMIN_TOKEN,
        userHeader: settings.CONSOLE_USER_HEADER,
        proxyToken: settings.CONSOLE_PROXY_TOKEN,
        operators: settings.CONSOLE_ADMIN_USERS?.split(',').map((user) => user.trim()) ?? [],
        sessionMs: settings.CONSOLE_SESSION_MINUTES * minuteMs,
        shutdownDeadlineMs: settings.SHUTDOWN_DEADLINE_MS,
      },
      terminal.signal,
    )
  } finally {
    await listing.close()
  }
}
