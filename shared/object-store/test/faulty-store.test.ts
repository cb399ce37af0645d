import { seededRandom } from '@silt/core'
import { ManualClock } from '@silt/core/testing'
import { expect, test } from 'vitest'
import { MemoryStore } from '../src/memory-store.ts'
import { FaultyStore, seededFaults, type Fault, type FaultPlan } from '../src/testing/index.ts'

const body = Buffer.from('x')

test('a failure before the call leaves nothing behind', async () => {
  const { store, memory } = setUp(() => ({ kind: 'fail-before' }))
  await expect(store.put('a', body)).rejects.toMatchObject({ code: 'store/unavailable' })
  await expect(store.putIfAbsent('a', body)).rejects.toMatchObject({ code: 'store/unavailable' })
  expect(await memory.get('a')).toEqual({ kind: 'missing' })
})

test('a lost answer leaves the object behind', async () => {
  const { store, memory } = setUp(() => ({ kind: 'answer-lost' }))
  await expect(store.put('a', body)).rejects.toMatchObject({ code: 'store/ambiguous' })
  expect((await store.putIfAbsent('b', body)).kind).toBe('unknown')
  expect((await memory.get('a')).kind).toBe('found')
  expect((await memory.get('b')).kind).toBe('found')
})

test('a late put-if-absent lands after its answer was lost, unless the name is taken by then', async () => {
  const late: Fault = { kind: 'lands-late', afterMs: 500 }
  const { store, memory, clock } = setUp(() => late)
  expect((await store.putIfAbsent('free', body)).kind).toBe('unknown')
  expect((await store.putIfAbsent('taken', body)).kind).toBe('unknown')
  expect(await memory.get('free')).toEqual({ kind: 'missing' })
  await memory.put('taken', Buffer.from('theirs'))
  await clock.advance(500)
  await store.landed()
  expect((await memory.get('free')).kind).toBe('found')
  expect((await memory.head('taken'))?.sizeBytes).toBe(6)
})

test('a delay answers later, and truly', async () => {
  const { store, clock } = setUp(() => ({ kind: 'delay', afterMs: 300 }))
  let created = false
  const put = store.putIfAbsent('a', body).then((result) => (created = result.kind === 'created'))
  await clock.advance(299)
  expect(created).toBe(false)
  await clock.advance(1)
  await put
  expect(created).toBe(true)
})

test('the same seed draws the same faults, at about the rates asked for', () => {
  const rates = { failBefore: 0.1, answerLost: 0.1, landsLate: 0.05, delay: 0.25 }
  const draw = (): (Fault | undefined)[] => {
    const plan = seededFaults(seededRandom(42), rates)
    return Array.from({ length: 4_000 }, (_, index) => plan({ operation: 'put', key: 'a', index }))
  }
  expect(draw()).toEqual(draw())
  const share = (kind: string): number => draw().filter((fault) => fault?.kind === kind).length / 4_000
  expect(share('fail-before')).toBeCloseTo(0.1, 1)
  expect(share('answer-lost')).toBeCloseTo(0.1, 1)
  expect(share('lands-late')).toBeCloseTo(0.05, 1)
  expect(share('delay')).toBeCloseTo(0.25, 1)
})

function setUp(plan: FaultPlan) {
  const clock = new ManualClock()
  const memory = new MemoryStore({ clock })
  return { clock, memory, store: new FaultyStore(memory, { plan, clock }) }
}
