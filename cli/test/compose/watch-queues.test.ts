import { expect, test } from 'vitest'
import { SiltError } from '@silt/core'
import { ManualClock, silentLog } from '@silt/core/testing'
import { Health } from '@silt/telemetry'
import { queueHealth, watchQueues } from '../../src/compose/watch-queues.ts'

test('a process is ready only while the queue server answers, and warns of one that may evict once', async () => {
  const clock = new ManualClock()
  const health = new Health([queueHealth])
  const warnings: string[] = []
  const log = { ...silentLog, warn: (_fields: object, message: string) => void warnings.push(message) }
  const away = new SiltError('unavailable', 'queue/unavailable', 'REDIS_URL: away')
  let answer: () => Promise<SiltError | undefined> = () => Promise.reject(away)
  const stop = new AbortController()
  let told = 0
  const onAnswer = () => Promise.resolve(void told++)
  const watching = watchQueues(() => answer(), { health, log, clock, onAnswer }, stop.signal)
  await clock.advance(1)
  expect(health.report()).toMatchObject({ ready: false, waiting: { [queueHealth]: 'REDIS_URL: away' } })
  answer = () => Promise.resolve(new SiltError('invalid', 'queue/eviction', 'may evict'))
  await clock.advance(10_000)
  expect([health.report().ready, warnings]).toEqual([true, ['may evict']])
  expect(told).toBe(2)
  answer = () => Promise.reject(away)
  await clock.advance(5000)
  expect(health.report().ready).toBe(false)
  stop.abort()
  await clock.advance(1)
  await watching
})
