import type { Consumption, Json, QueuedJob, QueueProvider } from '@silt/core'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

/** A queue service that several providers reach, as several processes do. */
export interface QueueSubject {
  /** The service, reached from one process; a second one may be the same object where there is only one process. */
  readonly provider: QueueProvider
  readonly other: QueueProvider
  /** A name nobody used before. */
  readonly name: string
  /** Lets `ms` pass for the service and whoever waits on it. */
  pass(ms: number): Promise<void>
  /** Forgets all jobs, leases and scripts, as FLUSHALL does. */
  flush(): Promise<void>
  close(): Promise<void>
}

interface Held {
  readonly job: QueuedJob
  finish(result: Json): void
  fail(error: Error): void
}

/** The behaviour every queue provider has. */
export function queueContract(name: string, make: () => Promise<QueueSubject>): void {
  describe(`queue contract: ${name}`, () => {
    let subject: QueueSubject
    let consumptions: Consumption[]
    let errors: unknown[]

    beforeEach(async () => {
      subject = await make()
      consumptions = []
      errors = []
    })
    afterEach(async () => {
      await Promise.all(consumptions.map((consumption) => consumption.stop(0)))
      await subject.close()
    })

    const consume = (
      handler: (job: QueuedJob, signal: AbortSignal) => Promise<Json>,
      concurrency = 1,
      provider = subject.provider,
    ): Consumption => {
      const onError = (error: unknown): void => void errors.push(error)
      const consumption = provider.open(subject.name).consume(handler, { concurrency, onError })
      consumptions.push(consumption)
      return consumption
    }
    /** Handlers wait until the test ends them. */
    const hold = (held: Held[], concurrency: number, provider = subject.provider): Consumption =>
      consume((job) => new Promise<Json>((finish, fail) => held.push({ job, finish, fail })), concurrency, provider)
    const add = (id: string, data: Json = { id }, provider = subject.provider): Promise<void> =>
      provider.open(subject.name).add({ id, data })
    const until = async (what: string, condition: () => boolean, limitMs = 10_000): Promise<void> => {
      for (let passedMs = 0; !condition(); passedMs += 20) {
        if (passedMs > limitMs) throw new Error(`not within ${limitMs} ms: ${what}`)
        await subject.pass(20)
      }
    }
    const ids = (held: readonly Held[]): string[] => held.map(({ job }) => job.id)

    it('delivers jobs in the order added, with their data unchanged', async () => {
      const data: Json = { text: 'ä:"', list: [1, null, true, 2 ** 53 - 1], nested: { empty: {} } }
      for (let index = 0; index < 20; index++) await add(`job-${index}`, { ...data, index })
      const seen: QueuedJob[] = []
      consume((job) => {
        seen.push(job)
        return Promise.resolve(null)
      })
      await until('20 jobs', () => seen.length === 20)
      const added = Array.from({ length: 20 }, (_, index) => ({
        id: `job-${index}`,
        data: { ...data, index },
        stalls: 0,
      }))
      expect(seen).toEqual(added)
    })

    it('takes any id: digits only, colons, spaces', async () => {
      const odd = ['1234567890123456', 'a:b', 'two words', 'ü']
      for (const id of odd) await add(id)
      const held: Held[] = []
      hold(held, 8)
      await until('all ids', () => held.length === odd.length)
      expect(ids(held).sort()).toEqual([...odd].sort())
    })

    it('swallows an id that waits or runs, and takes it again once it has ended', async () => {
      await add('unit', 1)
      await add('unit', 2)
      const held: Held[] = []
      hold(held, 4)
      await until('the first delivery', () => held.length === 1)
      await add('unit', 3)
      await subject.pass(300)
      expect(held.map(({ job }) => job.data)).toEqual([1])
      held[0]?.finish(null)
      const queue = subject.provider.open(subject.name)
      let active = 1
      for (let tries = 0; active > 0 && tries < 100; tries++) {
        await subject.pass(20)
        active = (await queue.depth()).active
      }
      await add('unit', 4)
      await until('the second delivery', () => held.length === 2)
      expect(held[1]?.job.data).toBe(4)
    })

    it('delivers a job again whose handler throws, however often, and does not block the others', async () => {
      let tries = 0
      const done: string[] = []
      consume((job) => {
        if (job.id === 'bad' && ++tries < 4) return Promise.reject(new Error('bullmq:rateLimitExceeded'))
        done.push(job.id)
        return Promise.resolve(null)
      })
      await add('bad')
      await add('good')
      await until('both', () => done.length === 2, 20_000)
      expect(done).toEqual(['good', 'bad'])
      expect(tries).toBe(4)
      expect(errors).toHaveLength(3)
    })

    it('tells results to listeners of every provider', async () => {
      const seen: [string, string, Json][] = []
      const stops = [subject.provider, subject.other].map((provider, index) =>
        provider.open(subject.name).onResult((id, result) => seen.push([`listener ${index}`, id, result])),
      )
      await subject.pass(300)
      consume((job) => Promise.resolve({ answer: job.data }))
      await add('asked', [1, 'two', null])
      await until('both listeners', () => seen.length === 2)
      expect(seen.sort()).toEqual([
        ['listener 0', 'asked', { answer: [1, 'two', null] }],
        ['listener 1', 'asked', { answer: [1, 'two', null] }],
      ])
      for (const stop of stops) stop()
      await add('unheard')
      await subject.pass(500)
      expect(seen).toHaveLength(2)
    })

    it('shares work between two consumers', async () => {
      const first: Held[] = []
      const second: Held[] = []
      hold(first, 2)
      hold(second, 2, subject.other)
      for (const id of ['a', 'b', 'c', 'd']) await add(id)
      await until('four places taken', () => first.length + second.length === 4)
      expect(first).toHaveLength(2)
      expect([...ids(first), ...ids(second)].sort()).toEqual(['a', 'b', 'c', 'd'])
    })

    it('counts what waits and what runs', async () => {
      const held: Held[] = []
      hold(held, 1)
      for (const id of ['a', 'b', 'c']) await add(id)
      await until('one runs', () => held.length === 1)
      expect(await subject.other.open(subject.name).depth()).toEqual({ waiting: 2, delayed: 0, active: 1 })
    })

    it('holds 200 handlers at once, longer than any lock lasts, each delivered once', async () => {
      const held: Held[] = []
      const results = new Set<string>()
      subject.provider.open(subject.name).onResult((id) => results.add(id))
      await subject.pass(300)
      hold(held, 256)
      for (let index = 0; index < 200; index++) await add(`unit-${index}`)
      await until('200 handlers', () => held.length === 200)
      await subject.pass(5_000)
      expect(held).toHaveLength(200)
      for (const each of held) each.finish(null)
      await until('200 results', () => results.size === 200)
      expect(errors).toEqual([])
    })

    it('goes on after everything is forgotten while 50 jobs are held', async () => {
      const held: Held[] = []
      const results: string[] = []
      subject.provider.open(subject.name).onResult((id) => results.push(id))
      await subject.pass(300)
      hold(held, 64)
      for (let index = 0; index < 50; index++) await add(`old-${index}`)
      await until('50 held', () => held.length === 50)
      await subject.flush()
      await subject.pass(2_000)
      for (const each of held.splice(0)) each.finish(null)
      await subject.pass(500)
      expect(results).toEqual([])
      for (let index = 0; index < 10; index++) await add(`new-${index}`)
      await until('10 new ones', () => held.length === 10)
      for (const each of held) each.finish(null)
      await until('10 results', () => results.length === 10)
      expect(ids(held).sort()).toEqual([...results].sort())
    })

    it('takes an id again that was forgotten while it ran', async () => {
      const held: Held[] = []
      hold(held, 4)
      await add('unit')
      await until('the first delivery', () => held.length === 1)
      await subject.flush()
      await add('unit')
      await until('the second delivery', () => held.length === 2)
      for (const each of held) each.finish(null)
    })

    it('stops when its handlers are done, taking no new job', async () => {
      const held: Held[] = []
      const consumption = hold(held, 1)
      await add('running')
      await until('it runs', () => held.length === 1)
      await add('waiting')
      let stopped = false
      const stopping = consumption.stop(60_000).then(() => (stopped = true))
      await subject.pass(300)
      expect(stopped).toBe(false)
      held[0]?.finish(null)
      await until('it stopped', () => stopped)
      await stopping
      expect(ids(held)).toEqual(['running'])
      expect(await subject.other.open(subject.name).depth()).toMatchObject({ waiting: 1, active: 0 })
    })

    it('lets go of a handler that outlasts the deadline: its signal aborts, another consumer gets the job', async () => {
      let signal: AbortSignal | undefined
      const consumption = consume((_job, given) => {
        signal = given
        return new Promise<Json>(() => undefined)
      })
      await add('stuck')
      await until('it runs', () => signal !== undefined)
      let stopped = false
      const stopping = consumption.stop(200).then(() => (stopped = true))
      await until('it stopped', () => stopped, 2_000)
      await stopping
      expect(signal?.aborted).toBe(true)
      const held: Held[] = []
      hold(held, 1, subject.other)
      await until('the hand-over', () => held.length === 1)
      expect(ids(held)).toEqual(['stuck'])
    })

    it('refuses names that contain a colon', () => {
      expect(() => subject.provider.open('a:b')).toThrow(/queue name/)
      expect(() => subject.provider.lease('a:b')).toThrow(/queue name/)
    })

    it('gives a lease to one holder until it expires or is released', async () => {
      const mine = subject.provider.lease(subject.name)
      const theirs = subject.other.lease(subject.name)
      expect(await mine.hold('me', 1_000)).toBe(true)
      expect(await theirs.hold('you', 1_000)).toBe(false)
      await subject.pass(600)
      expect(await mine.hold('me', 1_000)).toBe(true)
      await subject.pass(600)
      expect(await theirs.hold('you', 1_000)).toBe(false)
      await theirs.release('you')
      expect(await theirs.hold('you', 1_000)).toBe(false)
      await mine.release('me')
      expect(await theirs.hold('you', 1_000)).toBe(true)
      await subject.pass(1_100)
      expect(await mine.hold('me', 1_000)).toBe(true)
    })

    it('forgets a lease with everything else', async () => {
      expect(await subject.provider.lease(subject.name).hold('me', 60_000)).toBe(true)
      await subject.flush()
      expect(await subject.other.lease(subject.name).hold('you', 60_000)).toBe(true)
    })
  })
}
