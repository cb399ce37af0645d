import { seededRandom, type ObjectStore } from '@silt/core'
import { ManualClock } from '@silt/core/testing'
import { expect, test } from 'vitest'
import { MemoryStore } from '../src/memory-store.ts'
import type { Retry } from '../src/retry-course.ts'
import { RetryingStore } from '../src/retrying-store.ts'
import { FaultyStore, type FaultPlan, type StoreCall } from '../src/testing/index.ts'

const policy = { firstMs: 100, maxMs: 1_000, attemptsMax: 4 }
const body = Buffer.from('x')

test('what fails and then works is tried again, and heard of', async () => {
  const { store, retries, calls, run } = setUp(({ index }) => (index < 2 ? { kind: 'fail-before' } : undefined))
  expect(await run(store.get('a'))).toEqual({ kind: 'missing' })
  expect(calls.map((call) => call.operation)).toEqual(['get', 'get', 'get'])
  expect(retries.map(({ operation, key, attempt }) => ({ operation, key, attempt }))).toEqual([
    { operation: 'get', key: 'a', attempt: 1 },
    { operation: 'get', key: 'a', attempt: 2 },
  ])
  for (const { waitMs, attempt } of retries) expect(waitMs).toBeLessThanOrEqual(100 * 2 ** (attempt - 1))
})

test('tries are bounded in number', async () => {
  const { store, calls, run } = setUp(() => ({ kind: 'fail-before' }))
  await expect(run(store.head('a'))).rejects.toMatchObject({ code: 'store/unavailable' })
  expect(calls).toHaveLength(policy.attemptsMax)
})

test('tries are bounded in time', async () => {
  const { store, calls, run } = setUp(() => ({ kind: 'fail-before' }), { budgetMs: 0 })
  await expect(run(store.head('a'))).rejects.toMatchObject({ code: 'store/unavailable' })
  expect(calls).toHaveLength(1)
})

test('a machine that slept while waiting to try again sends nothing more', async () => {
  const clock = new ManualClock()
  const sleepy = {
    nowMs: () => clock.nowMs(),
    monotonicMs: () => 0,
    sleep: (ms: number, signal?: AbortSignal) => clock.sleep(ms + 7_200_000, signal),
  }
  const memory = new MemoryStore({ clock })
  const faulty = new FaultyStore(memory, {
    clock,
    plan: ({ index }) => (index === 0 ? { kind: 'fail-before' } : undefined),
  })
  const store = new RetryingStore(faulty, { clock: sleepy, random: seededRandom(7), policy })
  const put = expect(store.putIfAbsent('a', body)).rejects.toMatchObject({ code: 'store/unavailable' })
  await clock.advance(8_000_000)
  await put
  expect(await memory.get('a')).toEqual({ kind: 'missing' })
})

test('a put-if-absent is not tried again once the store has told that hours have passed which no clock here has', async () => {
  const clock = new ManualClock()
  const memory = new MemoryStore({ clock })
  // Halted while it waits, both clocks of the machine with it; then an answer to another request.
  const sleep = async (): Promise<void> => {
    await clock.advance(7_200_000)
    await memory.get('b')
  }
  const still = { nowMs: () => 0, monotonicMs: () => 0, sleep }
  const faulty = new FaultyStore(memory, {
    clock,
    plan: ({ operation, index }) => (operation === 'putIfAbsent' && index === 1 ? { kind: 'fail-before' } : undefined),
  })
  const store = new RetryingStore(faulty, { clock: still, random: seededRandom(7), policy })
  await store.get('a')
  await expect(store.putIfAbsent('a', body)).rejects.toMatchObject({ code: 'store/unavailable' })
  expect(await memory.get('a')).toEqual({ kind: 'missing' })
})

test.each(['answer-lost', 'lands-late'] as const)(
  'a put-if-absent that ends in %s stays unknown and is sent once',
  async (kind) => {
    const { store, calls, memory, run } = setUp(({ index }) => (index === 0 ? { kind, afterMs: 50 } : undefined))
    expect(await run(store.putIfAbsent('a', body))).toMatchObject({ kind: 'unknown', cause: { kind: 'ambiguous' } })
    expect(calls).toHaveLength(1)
    expect((await memory.get('a')).kind).toBe('found')
  },
)

test('a put-if-absent that was not done is sent again, and may find that it lost', async () => {
  const { store, memory, run } = setUp(({ index }) => (index === 0 ? { kind: 'fail-before' } : undefined))
  await memory.put('a', Buffer.from('theirs'))
  expect(await run(store.putIfAbsent('a', body))).toEqual({ kind: 'exists' })
  expect((await run(store.putIfAbsent('b', body))).kind).toBe('created')
})

test('a put is sent again after a lost answer', async () => {
  const { store, calls, run } = setUp(({ index }) => (index === 0 ? { kind: 'answer-lost' } : undefined))
  await run(store.put('a', body))
  expect(calls).toHaveLength(2)
})

test('a put that once lost its answer and then only fails stays ambiguous: it may have landed', async () => {
  const { store, run } = setUp(({ index }) => ({ kind: index === 0 ? 'answer-lost' : 'fail-before' }))
  await expect(run(store.put('a', body))).rejects.toMatchObject({ code: 'store/ambiguous', kind: 'ambiguous' })
})

test('what retrying cannot help fails at once', async () => {
  const { store, calls, run } = setUp(() => undefined)
  await expect(run(store.put('../a', body))).rejects.toMatchObject({ code: 'store/invalid-key' })
  expect(calls).toHaveLength(1)
})

test('a listing goes on where it broke off, gives no key twice and leaves none out', async () => {
  const { store, memory, retries, run } = setUp(({ index }) => (index < 12 ? { kind: 'answer-lost' } : undefined))
  const keys = Array.from({ length: 20 }, (_, index) => `l/${String(index).padStart(2, '0')}`)
  for (const key of keys) await memory.put(key, body)
  expect(await run(keysOf(store))).toEqual(keys)
  // Each step forward begins a new count of tries.
  expect(retries).toHaveLength(12)
})

test('close ends a wait: the call fails with its last error', async () => {
  const { store, clock } = setUp(() => ({ kind: 'fail-before' }))
  const get = expect(store.get('a')).rejects.toMatchObject({ code: 'store/unavailable' })
  await clock.advance(0)
  await store.close()
  await get
})

function setUp(plan: FaultPlan, options: { budgetMs?: number } = {}) {
  const clock = new ManualClock()
  const memory = new MemoryStore({ clock })
  const calls: StoreCall[] = []
  const retries: Retry[] = []
  const faulty = new FaultyStore(memory, {
    clock,
    plan: (call) => {
      calls.push(call)
      return plan(call)
    },
  })
  const onRetry = (retry: Retry): void => void retries.push(retry)
  const store = new RetryingStore(faulty, { clock, random: seededRandom(7), policy, onRetry, ...options })
  /** Lets time pass until the call has ended. */
  const run = async <T>(call: Promise<T>): Promise<T> => {
    const [ended] = await Promise.allSettled([call, clock.advance(60_000)])
    if (ended.status === 'rejected') throw ended.reason
    return ended.value
  }
  return { store, memory, clock, calls, retries, run }
}

async function keysOf(store: ObjectStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list('l/')) keys.push(key)
  return keys
}
