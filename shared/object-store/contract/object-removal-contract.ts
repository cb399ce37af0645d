import type { ObjectRemoval, ObjectStore } from '@silt/core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/** An empty root, and as many clients of it as are asked for, each of which may take objects away. */
export interface RemovalRoot {
  client(): ObjectStore & ObjectRemoval
  close(): Promise<void>
}

/** What whoever removes objects must do; registers its tests under `name`. `open` gives an empty root. */
export function objectRemovalContract(name: string, open: () => Promise<RemovalRoot>): void {
  describe(`${name}: object removal contract`, () => {
    let root: RemovalRoot
    let store: ObjectStore & ObjectRemoval
    let other: ObjectStore

    beforeAll(async () => {
      root = await open()
      store = root.client()
      other = root.client()
    })
    afterAll(async () => {
      await root.close()
    })

    test('what was removed is gone for every client, and nothing else is', async () => {
      for (const key of ['log/1.json', 'log/1.json.crc', 'log/2.json']) await store.put(key, Buffer.from(key))
      await store.remove('log/1.json')
      expect(await other.get('log/1.json')).toEqual({ kind: 'missing' })
      expect(await other.head('log/1.json')).toBeUndefined()
      const left: string[] = []
      for await (const { key } of other.list('log/')) left.push(key)
      expect(left).toEqual(['log/1.json.crc', 'log/2.json'])
    })

    test('removing what is not there, twice or at once, is no error', async () => {
      await store.put('again/a', Buffer.from('a'))
      await Promise.all([store.remove('again/a'), store.remove('again/a')])
      await store.remove('again/a')
      await store.remove('never/was/there')
      expect(await other.get('again/a')).toEqual({ kind: 'missing' })
    })

    test('a name that was removed is free again', async () => {
      expect((await store.putIfAbsent('free/a', Buffer.from('a'))).kind).toBe('created')
      expect((await store.putIfAbsent('free/a', Buffer.from('b'))).kind).toBe('exists')
      await store.remove('free/a')
      expect((await store.putIfAbsent('free/a', Buffer.from('c'))).kind).toBe('created')
    })

    test('odd names are taken for what they are', async () => {
      const keys = ['odd/a b', 'odd/a%20b', 'odd/a+b', 'odd/日本語', "odd/quote'(1)!*"]
      for (const key of keys) await store.put(key, Buffer.from(key))
      for (const key of keys) await store.remove(key)
      for (const key of keys) expect(await other.get(key)).toEqual({ kind: 'missing' })
    })

    test('a key that leads out of the root is refused', async () => {
      await expect(store.remove('../a')).rejects.toMatchObject({ code: 'store/invalid-key' })
      await expect(store.remove('')).rejects.toMatchObject({ code: 'store/invalid-key' })
    })
  })
}
