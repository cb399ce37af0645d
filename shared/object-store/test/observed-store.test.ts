import { systemClock } from '@silt/core'
import { expect, test } from 'vitest'
import { MemoryStore } from '../src/memory-store.ts'
import { ObservedStore, type StoreCall } from '../src/observed-store.ts'

test('every request is told of with how it ended, and answered as the store answers it', async () => {
  const calls: StoreCall[] = []
  const memory = new MemoryStore({ clock: systemClock })
  const store = new ObservedStore(memory, (call) => calls.push(call))
  await store.put('a', Buffer.from('1'))
  expect((await store.putIfAbsent('a', Buffer.from('2'))).kind).toBe('exists')
  expect((await store.get('a')).kind).toBe('found')
  expect(await store.head('none')).toBeUndefined()
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  expect(keys).toEqual(['a'])
  await expect(store.put('', Buffer.from('x'))).rejects.toMatchObject({ code: 'store/invalid-key' })
  expect(calls.map(({ operation, error }) => [operation, error === undefined])).toEqual([
    ['put', true],
    ['putIfAbsent', true],
    ['get', true],
    ['head', true],
    ['list', true],
    ['put', false],
  ])
})
