import { systemClock, systemRandom } from '@silt/core'
import { queueContract } from '../../contract/queue-contract.ts'
import { closeAll, emptyRedis, openProvider, testRedisUrl } from './test-redis.ts'

const redisUrl = testRedisUrl(11)

queueContract('BullMQ', () => {
  const provider = openProvider(redisUrl)
  const other = openProvider(redisUrl)
  return Promise.resolve({
    provider,
    other,
    name: `silt-${systemRandom.uuid()}-write-v1`,
    pass: (ms) => systemClock.sleep(ms),
    flush: () => emptyRedis(redisUrl),
    close: () => closeAll([provider, other]),
  })
})
