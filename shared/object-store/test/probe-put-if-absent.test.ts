import type { ObjectStore, PutIfAbsentResult } from '@silt/core'
import { seededRandom } from '@silt/core'
import { ManualClock } from '@silt/core/testing'
import { expect, test } from 'vitest'
import { MemoryStore } from '../src/memory-store.ts'
import { probePutIfAbsent } from '../src/probe-put-if-absent.ts'
import { FaultyStore, seededFaults, type FaultPlan } from '../src/testing/index.ts'

const key = '_silt/probe'
const refused = { code: 'store/no-put-if-absent', kind: 'unsupported' }

test('a store that refuses passes, at the first start and at later ones', async () => {
  const store = memory()
  await probePutIfAbsent(store, key)
  await probePutIfAbsent(store, key)
})

test('a key put there by something else proves as much', async () => {
  const store = memory()
  await store.put(key, Buffer.from('from another version of the probe'))
  await probePutIfAbsent(store, key)
})

test('a store that ignores the condition is refused with the remedy, at the first start and with a key from before', async () => {
  const store = broken(async (inner, body) => ({ kind: 'created', ...(await inner.put(key, body)) }))
  await expect(probePutIfAbsent(store, key)).rejects.toMatchObject(refused)
  await expect(probePutIfAbsent(store, key)).rejects.toMatchObject({
    message: expect.stringContaining('If-None-Match') as string,
  })
})

test('a store that says no and writes all the same is refused', async () => {
  const store = broken(async (inner, body) => {
    const result: PutIfAbsentResult = (await inner.head(key)) ? { kind: 'exists' } : { kind: 'created', storeTimeMs: 0 }
    await inner.put(key, body)
    return result
  })
  await expect(probePutIfAbsent(store, key)).rejects.toMatchObject(refused)
  await expect(probePutIfAbsent(store, key)).rejects.toMatchObject(refused)
})

test('a store that overwrites and loses its answers is refused', async () => {
  const store = broken(async (inner, body) => {
    await inner.put(key, body)
    return { kind: 'unknown', cause: undefined }
  })
  await expect(probePutIfAbsent(store, key)).rejects.toMatchObject(refused)
})

test('a store that answers exists to everything and keeps nothing is not believed', async () => {
  const store = broken(async () => ({ kind: 'exists' }))
  await expect(probePutIfAbsent(store, key)).rejects.toMatchObject({ code: 'store/unavailable' })
})

test('probes that race pass together on a good store and fail on one that ignores the condition', async () => {
  const good = memory()
  await Promise.all(Array.from({ length: 8 }, async () => await probePutIfAbsent(good, key)))
  const bad = broken(async (inner, body) => ({ kind: 'created', ...(await inner.put(key, body)) }))
  const ends = await Promise.allSettled(Array.from({ length: 8 }, async () => await probePutIfAbsent(bad, key)))
  expect(ends.map((end) => end.status)).toEqual(Array(8).fill('rejected'))
})

test.each([
  ['the first answer is lost', [0]],
  ['the second answer is lost', [2]],
  ['both are', [0, 2]],
])('passes when %s', async (_, lost) => {
  const store = faulty(({ index }) => (lost.includes(index) ? { kind: 'answer-lost' } : undefined))
  await probePutIfAbsent(store, key)
})

test('gives up, unproved, when no answer comes', async () => {
  const store = faulty(({ operation }) => (operation === 'putIfAbsent' ? { kind: 'answer-lost' } : undefined))
  await expect(probePutIfAbsent(store, key)).rejects.toMatchObject({ code: 'store/unavailable', kind: 'unavailable' })
})

test('lost and late answers never condemn a good store (200 seeds)', async () => {
  for (let seed = 1; seed <= 200; seed++) {
    const clock = new ManualClock()
    const plan = seededFaults(seededRandom(seed), { answerLost: 0.3, landsLate: 0.2, afterMsMax: 5 })
    const store = new FaultyStore(new MemoryStore({ clock }), { plan, clock })
    const probes = Promise.allSettled([probePutIfAbsent(store, key), probePutIfAbsent(store, key)])
    await clock.advance(10)
    for (const end of await probes) {
      if (end.status === 'rejected') expect(end.reason, `seed ${seed}`).toMatchObject({ code: 'store/unavailable' })
    }
  }
})

function memory(): MemoryStore {
  return new MemoryStore({ clock: new ManualClock() })
}

function faulty(plan: FaultPlan): FaultyStore {
  return new FaultyStore(memory(), { plan, clock: new ManualClock() })
}

function broken(putIfAbsent: (inner: MemoryStore, body: Uint8Array) => Promise<PutIfAbsentResult>): ObjectStore {
  const inner = memory()
  return {
    location: 'broken',
    get: async (each, range) => await inner.get(each, range),
    head: async (each) => await inner.head(each),
    put: async (each, body) => await inner.put(each, body),
    putIfAbsent: async (_, body) => await putIfAbsent(inner, body),
    list: (prefix, options) => inner.list(prefix, options),
    newestAnswerMs: () => undefined,
    close: async () => undefined,
  }
}
