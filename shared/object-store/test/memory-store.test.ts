import { ManualClock } from '@silt/core/testing'
import { systemClock } from '@silt/core'
import { expect, test } from 'vitest'
import { objectRemovalContract } from '../contract/object-removal-contract.ts'
import { objectStoreContract } from '../contract/object-store-contract.ts'
import { MemoryStore } from '../src/memory-store.ts'

objectStoreContract('memory', async () => {
  const store = new MemoryStore({ clock: systemClock })
  return { client: () => store, close: async () => await store.close() }
})

objectRemovalContract('memory', async () => {
  const store = new MemoryStore({ clock: systemClock })
  return { client: () => store, close: async () => await store.close() }
})

test('keeps a copy of what is put and gives a copy of what it keeps', async () => {
  const store = new MemoryStore({ clock: new ManualClock() })
  const body = Buffer.from('abc')
  await store.put('a', body)
  body.fill('x')
  const found = await store.get('a')
  if (found.kind === 'found') found.body.fill(0)
  expect(await store.get('a')).toEqual({ kind: 'found', body: Uint8Array.from(Buffer.from('abc')) })
})

test('tells the time of the clock handed in, and none before the first answer', async () => {
  const clock = new ManualClock(5_000)
  const store = new MemoryStore({ clock })
  expect(store.newestAnswerMs()).toBeUndefined()
  expect(await store.put('a', Buffer.from('x'))).toEqual({ storeTimeMs: 5_000 })
  await clock.advance(70)
  expect(await store.putIfAbsent('a', Buffer.from('y'))).toEqual({ kind: 'exists' })
  expect(store.newestAnswerMs()).toBe(5_070)
  expect(await store.head('a')).toEqual({ key: 'a', sizeBytes: 1, modifiedMs: 5_000 })
})

test('a listing shows what is put behind its place while it is read', async () => {
  const store = new MemoryStore({ clock: new ManualClock() })
  await store.put('l/1', Buffer.from('x'))
  await store.put('l/3', Buffer.from('x'))
  const keys: string[] = []
  for await (const { key } of store.list('l/')) {
    if (key === 'l/1') await store.put('l/2', Buffer.from('x'))
    keys.push(key)
  }
  expect(keys).toEqual(['l/1', 'l/2', 'l/3'])
})
