import { ManualClock } from '@silt/core/testing'
import { describe, expect, it } from 'vitest'
import { queueContract } from '../../contract/queue-contract.ts'
import { MemoryQueueProvider } from '../../src/index.ts'

queueContract('memory', () => {
  const clock = new ManualClock()
  const provider = new MemoryQueueProvider({ clock })
  return Promise.resolve({
    provider,
    other: provider,
    name: 'silt-events-write-v1',
    pass: (ms) => clock.advance(ms),
    flush: () => Promise.resolve(provider.flush()),
    close: () => provider.close(),
  })
})

describe('memory queue', () => {
  it('refuses more jobs than its bound', async () => {
    const provider = new MemoryQueueProvider({ clock: new ManualClock(), queueJobsMax: 2 })
    const queue = provider.open('q')
    await queue.add({ id: 'a', data: 1 })
    await queue.add({ id: 'b', data: 1 })
    await queue.add({ id: 'b', data: 1 })
    await expect(queue.add({ id: 'c', data: 1 })).rejects.toMatchObject({ code: 'queue/full', kind: 'unavailable' })
  })

  it('shares no object between who adds and who handles', async () => {
    const clock = new ManualClock()
    const queue = new MemoryQueueProvider({ clock }).open('q')
    const data = { list: [1] }
    const seen: unknown[] = []
    await queue.add({ id: 'a', data })
    data.list.push(2)
    queue.consume((job) => Promise.resolve((seen.push(job.data), null)), { concurrency: 1, onError: () => undefined })
    await clock.advance(0)
    expect(seen).toEqual([{ list: [1] }])
  })

  it('delivers running jobs a second time when told, and takes one result of the two', async () => {
    const clock = new ManualClock()
    const provider = new MemoryQueueProvider({ clock })
    const queue = provider.open('q')
    const results: unknown[] = []
    const finish: ((value: string) => void)[] = []
    queue.onResult((id, result) => results.push([id, result]))
    queue.consume(() => new Promise<string>((resolve) => finish.push(resolve)), {
      concurrency: 4,
      onError: () => undefined,
    })
    await queue.add({ id: 'a', data: null })
    await clock.advance(0)
    provider.deliverRunningAgain()
    await clock.advance(0)
    expect(finish).toHaveLength(2)
    finish[0]?.('first')
    finish[1]?.('second')
    await clock.advance(0)
    expect(results).toEqual([['a', 'second']])
    expect(await queue.depth()).toEqual({ waiting: 0, delayed: 0, active: 0 })
  })

  it('waits longer after each failure, up to 5 s', async () => {
    const clock = new ManualClock(0)
    const queue = new MemoryQueueProvider({ clock }).open('q')
    const atMs: number[] = []
    const fail = (): Promise<never> => {
      atMs.push(clock.nowMs())
      return Promise.reject(new Error('again'))
    }
    queue.consume(fail, { concurrency: 1, onError: () => undefined })
    await queue.add({ id: 'a', data: null })
    await clock.advance(20_000)
    expect(atMs.slice(0, 9)).toEqual([0, 100, 300, 700, 1500, 3100, 6300, 11300, 16300])
  })
})
