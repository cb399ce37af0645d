import { systemClock } from '@silt/core'
import { expect, it } from 'vitest'
import { QueueListing } from '../../src/bullmq/index.ts'
import { closeAll, emptyRedis, openProvider, redisCommand, testRedisUrl } from './test-redis.ts'

const redisUrl = testRedisUrl(10)

it('lists the queues there are, in order, as they come and go, and writes nothing itself', async () => {
  await emptyRedis(redisUrl)
  const provider = openProvider(redisUrl)
  const listing = new QueueListing({
    redisUrl,
    identity: () => ({}),
    clock: systemClock,
    onError: () => undefined,
  })
  try {
    expect(await listing.names()).toEqual([])
    for (const name of ['silt-b-write-v1', 'silt-a-commit-v1']) await provider.open(name).add({ id: 'one', data: {} })
    await redisCommand(redisUrl, 'set', '{silt}:lease:silt-a-committer', 'me')
    await redisCommand(redisUrl, 'set', 'bull:foreign:meta', 'x')
    expect(await listing.names()).toEqual(['silt-a-commit-v1', 'silt-b-write-v1'])

    const before = await redisCommand(redisUrl, 'dbsize')
    expect(await listing.queue('silt-b-write-v1').getJobCounts('wait')).toEqual({ wait: 1 })
    expect(await listing.queue('silt-nowhere-write-v1').getJobCounts('wait')).toEqual({ wait: 0 })
    expect(await redisCommand(redisUrl, 'dbsize')).toEqual(before)

    await emptyRedis(redisUrl)
    expect(await listing.names()).toEqual([])
  } finally {
    await closeAll([provider])
    await listing.close()
  }
})

it('tells of a Redis that is away by the name of the setting', async () => {
  const listing = new QueueListing({
    redisUrl: 'redis://127.0.0.1:1',
    identity: () => ({}),
    clock: systemClock,
    onError: () => undefined,
  })
  try {
    await expect(listing.names()).rejects.toMatchObject({
      code: 'queue/unavailable',
      message: expect.stringContaining('REDIS_URL') as string,
    })
  } finally {
    await listing.close()
  }
})
