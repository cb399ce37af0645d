import { spawn, type ChildProcess } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { inspect } from 'node:util'
import { systemClock, systemRandom, type Json, type QueueProvider } from '@silt/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { RedisProxy } from './redis-proxy.ts'
import { closeAll, emptyRedis, openProvider, redisCommand, testRedisUrl, waitUntil } from './test-redis.ts'

const redisUrl = testRedisUrl(12)
const dyingConsumer = fileURLToPath(new URL('dying-consumer.ts', import.meta.url))

describe('BullMQ queue under faults', () => {
  let proxy: RedisProxy
  let name: string
  let providers: QueueProvider[]
  let errors: unknown[]
  let children: ChildProcess[]

  const open = (url = proxy.url): QueueProvider => {
    const provider = openProvider(url, (error) => errors.push(error))
    providers.push(provider)
    return provider
  }
  const echo = (provider: QueueProvider, seen: string[], concurrency = 4): void => {
    const handle = (job: { readonly id: string }): Promise<Json> => Promise.resolve((seen.push(job.id), job.id))
    provider.open(name).consume(handle, { concurrency, onError: (error) => errors.push(error) })
  }
  const codes = (): unknown[] => [...new Set(errors.map((error) => (error as { code?: unknown }).code))]

  beforeEach(async () => {
    proxy = await RedisProxy.open(redisUrl)
    name = `silt-${systemRandom.uuid()}-write-v1`
    providers = []
    errors = []
    children = []
  })
  afterEach(async () => {
    for (const child of children) child.kill('SIGKILL')
    await closeAll(providers)
    await proxy.cut()
  })

  it('hands the jobs of a killed process to another within seconds', { timeout: 120_000 }, async () => {
    const handOversMs: number[] = []
    for (let round = 0; round < 3; round++) {
      name = `silt-${systemRandom.uuid()}-write-v1`
      const queue = open(redisUrl).open(name)
      const child = spawn(process.execPath, [dyingConsumer, redisUrl, name], { stdio: ['ignore', 'pipe', 'inherit'] })
      children.push(child)
      let output = ''
      child.stdout.on('data', (bytes: Buffer) => (output += bytes.toString()))
      await queue.add({ id: 'a', data: null })
      await queue.add({ id: 'b', data: null })
      await waitUntil('the child takes both', 30_000, () => output.includes('took a') && output.includes('took b'))
      const seen: string[] = []
      echo(open(redisUrl), seen)
      await systemClock.sleep(1_500 + 700 * round)
      expect(seen).toEqual([])
      child.kill('SIGKILL')
      handOversMs.push(await waitUntil('both handed over', 30_000, () => seen.length === 2))
    }
    console.log(`hand-over after SIGKILL, ms: ${handOversMs.map(Math.round).join(', ')}`)
    for (const ms of handOversMs) expect(ms).toBeLessThan(10_000)
  })

  it('goes on by itself after an outage, with results', { timeout: 120_000 }, async () => {
    const provider = open()
    const seen: string[] = []
    const results: string[] = []
    provider.open(name).onResult((id) => results.push(id))
    echo(provider, seen)
    await provider.open(name).add({ id: 'before', data: null })
    await waitUntil('work before', 30_000, () => results.length === 1)
    await proxy.cut()
    await systemClock.sleep(8_000)
    await proxy.restore()
    await systemClock.sleep(1_500)
    await provider.open(name).add({ id: 'after', data: null })
    await waitUntil('work after', 30_000, () => results.length === 2)
    expect(seen).toEqual(['before', 'after'])
    expect(codes()).toEqual(['queue/unavailable'])
    expect(errors.length).toBeLessThan(20)
  })

  it('goes on after a Redis that comes back empty while jobs are held', { timeout: 120_000 }, async () => {
    const provider = open()
    const finish: (() => void)[] = []
    const results: string[] = []
    provider.open(name).onResult((id) => results.push(id))
    provider.open(name).consume((job) => new Promise((done) => finish.push(() => done(job.id))), {
      concurrency: 20,
      onError: (error) => errors.push(error),
    })
    for (let index = 0; index < 10; index++) await provider.open(name).add({ id: `old-${index}`, data: null })
    await waitUntil('ten held', 30_000, () => finish.length === 10)
    await proxy.cut()
    await emptyRedis(redisUrl)
    await systemClock.sleep(4_000)
    await proxy.restore()
    for (const done of finish.splice(0)) done()
    await systemClock.sleep(1_500)
    for (let index = 0; index < 10; index++) await provider.open(name).add({ id: `new-${index}`, data: null })
    await waitUntil('ten new', 30_000, () => finish.length === 10)
    for (const done of finish) done()
    await waitUntil('ten results', 30_000, () => results.length === 10)
    expect(results.every((id) => id.startsWith('new-'))).toBe(true)
    expect(codes().sort()).toEqual(['queue/lock-lost', 'queue/unavailable'])
  })

  it('goes on after its connections are dropped many times', { timeout: 120_000 }, async () => {
    const provider = open()
    const seen = new Set<string>()
    provider.open(name).consume((job) => Promise.resolve((seen.add(job.id), null)), {
      concurrency: 8,
      onError: () => undefined,
    })
    for (let round = 0; round < 10; round++) {
      await open(redisUrl)
        .open(name)
        .add({ id: `job-${round}`, data: null })
      proxy.drop()
      await systemClock.sleep(100)
    }
    await waitUntil('all jobs', 15_000, () => seen.size === 10)
  })

  it('goes on after a server that was silent for longer than locks last', { timeout: 120_000 }, async () => {
    const provider = open()
    const results: string[] = []
    const seen: string[] = []
    provider.open(name).onResult((id) => results.push(id))
    echo(provider, seen)
    await provider.open(name).add({ id: 'before', data: null })
    await waitUntil('work before', 30_000, () => results.length === 1)
    proxy.setSilent(true)
    const startMs = systemClock.monotonicMs()
    await expect(provider.open(name).add({ id: 'lost', data: null })).rejects.toMatchObject({
      code: 'queue/unavailable',
    })
    expect(systemClock.monotonicMs() - startMs).toBeLessThan(15_000)
    await systemClock.sleep(8_000)
    proxy.setSilent(false)
    await open(redisUrl).open(name).add({ id: 'after', data: null })
    const tookMs = await waitUntil('work after', 30_000, () => results.includes('after'))
    console.log(`back at work after a silent server, ms: ${Math.round(tookMs)}`)
  })

  it('fails an add soon while Redis is away, from the start or later', { timeout: 120_000 }, async () => {
    const away = async (provider: QueueProvider): Promise<void> => {
      const startMs = systemClock.monotonicMs()
      const adding = provider.open(name).add({ id: 'x', data: null })
      await expect(adding).rejects.toMatchObject({ code: 'queue/unavailable', kind: 'unavailable' })
      await expect(provider.open(name).depth()).rejects.toMatchObject({ code: 'queue/unavailable' })
      expect(systemClock.monotonicMs() - startMs).toBeLessThan(20_000)
    }
    const running = open()
    await running.open(name).add({ id: 'ok', data: null })
    await proxy.cut()
    await Promise.all([away(running), away(open())])
    await expect(running.lease(name).hold('me', 1_000)).rejects.toMatchObject({ code: 'queue/unavailable' })
    await proxy.restore()
    await waitUntil('the add works', 30_000, () =>
      running
        .open(name)
        .add({ id: 'y', data: null })
        .then(
          () => true,
          () => false,
        ),
    )
  })

  it('serves consumers and listeners that started before Redis did', { timeout: 120_000 }, async () => {
    await proxy.cut()
    const provider = open()
    const results: string[] = []
    const seen: string[] = []
    provider.open(name).onResult((id) => results.push(id))
    echo(provider, seen)
    await systemClock.sleep(7_000)
    await proxy.restore()
    await systemClock.sleep(2_500)
    await provider.open(name).add({ id: 'a', data: null })
    await waitUntil('the result', 30_000, () => results.length === 1)
  })

  it('stops within its deadline while Redis is away', { timeout: 120_000 }, async () => {
    const provider = open()
    const seen: string[] = []
    const consumption = provider.open(name).consume(() => new Promise(() => undefined), {
      concurrency: 2,
      onError: () => undefined,
    })
    echo(provider, seen)
    await systemClock.sleep(500)
    await proxy.cut()
    const startMs = systemClock.monotonicMs()
    await consumption.stop(500)
    await provider.close()
    expect(systemClock.monotonicMs() - startMs).toBeLessThan(10_000)
  })

  it('stops at once, whatever its deadline, while Redis is away and nothing runs', { timeout: 120_000 }, async () => {
    const provider = open()
    const consumption = provider
      .open(name)
      .consume(() => Promise.resolve(null), { concurrency: 2, onError: () => undefined })
    await systemClock.sleep(500)
    await proxy.cut()
    const startMs = systemClock.monotonicMs()
    await consumption.stop(20_000)
    expect(systemClock.monotonicMs() - startMs).toBeLessThan(10_000)
  })

  it('names maxmemory-policy when Redis may evict, and nothing otherwise', async () => {
    const provider = openProvider(redisUrl)
    providers.push(provider)
    expect(await provider.check()).toBeUndefined()
    await redisCommand(redisUrl, 'CONFIG', 'SET', 'maxmemory-policy', 'allkeys-lru')
    try {
      const fault = await provider.check()
      expect(fault).toMatchObject({ code: 'queue/eviction', kind: 'invalid' })
      expect(fault?.message).toMatch(/maxmemory-policy/)
    } finally {
      await redisCommand(redisUrl, 'CONFIG', 'SET', 'maxmemory-policy', 'noeviction')
    }
  })

  it('says that Redis refuses the password without telling it', { timeout: 120_000 }, async () => {
    const user = `u${systemRandom.uuid().slice(0, 8)}`
    await redisCommand(redisUrl, 'ACL', 'SETUSER', user, 'on', '>right-one', '+@all', '~*')
    try {
      const url = new URL(redisUrl)
      url.username = user
      url.password = 'wrong-secret'
      const provider = open(url.href)
      const error: unknown = await provider
        .open(name)
        .add({ id: 'a', data: null })
        .catch((thrown: unknown) => thrown)
      expect(error).toMatchObject({ code: 'queue/denied', kind: 'invalid' })
      expect(inspect([error, errors], { depth: 10, showHidden: true })).not.toContain('wrong-secret')
    } finally {
      await redisCommand(redisUrl, 'ACL', 'DELUSER', user)
    }
  })

  it('leaves no key of a finished job behind', async () => {
    const provider = open()
    const seen: string[] = []
    echo(provider, seen)
    for (let index = 0; index < 20; index++) await provider.open(name).add({ id: `job-${index}`, data: null })
    await waitUntil('all jobs', 30_000, () => seen.length === 20)
    await waitUntil('no job keys', 30_000, async () => {
      const keys = (await redisCommand(redisUrl, 'KEYS', `{silt}:${name}:u*`)) as string[]
      return keys.length === 0
    })
  })
})
