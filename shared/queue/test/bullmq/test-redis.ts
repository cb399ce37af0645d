import { systemClock, type QueueProvider } from '@silt/core'
import { Redis } from 'ioredis'
import { BullmqQueueProvider } from '../../src/bullmq/index.ts'

/** SILT_TEST_REDIS_URL names a live server; each test file takes a database of its own, so that it may be emptied. */
export function testRedisUrl(database: number): string {
  const url = process.env['SILT_TEST_REDIS_URL']
  if (url === undefined || url === '') throw new Error('SILT_TEST_REDIS_URL is not set')
  return new URL(`/${database}`, url).href
}

export function openProvider(
  redisUrl: string,
  onError: (error: unknown) => void = () => undefined,
): BullmqQueueProvider {
  return new BullmqQueueProvider({ redisUrl, clock: systemClock, onError })
}

/** Runs one command against the server, on a connection of its own. */
export async function redisCommand(redisUrl: string, name: string, ...args: readonly string[]): Promise<unknown> {
  const client = new Redis(redisUrl)
  try {
    return await client.call(name, ...args)
  } finally {
    client.disconnect()
  }
}

/** All keys of the database and all cached scripts are gone, as after a restart without persistence. */
export async function emptyRedis(redisUrl: string): Promise<void> {
  await redisCommand(redisUrl, 'FLUSHDB')
  await redisCommand(redisUrl, 'SCRIPT', 'FLUSH')
}

export async function closeAll(providers: readonly QueueProvider[]): Promise<void> {
  await Promise.all(providers.map((provider) => provider.close()))
}

export async function waitUntil(
  what: string,
  limitMs: number,
  condition: () => boolean | Promise<boolean>,
): Promise<number> {
  const startMs = systemClock.monotonicMs()
  for (;;) {
    const passedMs = systemClock.monotonicMs() - startMs
    if (await condition()) return passedMs
    if (passedMs > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`)
    await systemClock.sleep(5)
  }
}
