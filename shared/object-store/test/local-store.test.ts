import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '@silt/core'
import { afterAll, expect, test } from 'vitest'
import { objectRemovalContract } from '../contract/object-removal-contract.ts'
import { objectStoreContract } from '../contract/object-store-contract.ts'
import { LocalStore } from '../src/local-store.ts'

const folders: string[] = []

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true })
})

objectStoreContract('local', async () => {
  const folder = join(await freshFolder(), 'made/on/first put')
  return { client: () => storeOf(folder), close: async () => undefined }
})

objectStoreContract('local, listing three names at a time', async () => {
  const folder = await freshFolder()
  return { client: () => storeOf(folder, 3), close: async () => undefined }
})

objectRemovalContract('local', async () => {
  const folder = await freshFolder()
  return { client: () => storeOf(folder), close: async () => undefined }
})

test('a temporary file left by a process that died is not part of the store', async () => {
  const folder = await freshFolder()
  const store = storeOf(folder)
  await store.put('a/b', Buffer.from('x'))
  const leftOver = `.silt-${systemRandom.uuid()}.tmp`
  await writeFile(join(folder, 'a', leftOver), 'half a bo')
  expect(await keysOf(store)).toEqual(['a/b'])
  await expect(store.get(`a/${leftOver}`)).rejects.toMatchObject({ code: 'store/invalid-key' })
  await expect(store.put(`a/${leftOver}`, Buffer.from('x'))).rejects.toMatchObject({ code: 'store/invalid-key' })
})

test('puts leave no temporary file, whether they won or lost', async () => {
  const folder = await freshFolder()
  const store = storeOf(folder)
  await Promise.all(Array.from({ length: 8 }, async (_, n) => await store.putIfAbsent('a', Buffer.from(`${n}`))))
  await store.put('a', Buffer.from('x'))
  expect(await readdir(folder)).toEqual(['a'])
})

test('two processes that draw the same temporary name do not mix their bodies', async () => {
  const folder = await freshFolder()
  const random = { next: () => 0, uuid: () => '00000000-0000-4000-8000-000000000000' }
  const stores = [1, 2].map(() => new LocalStore({ folder, clock: systemClock, random }))
  const puts = await Promise.allSettled(
    stores.map(async (store, n) => await store.putIfAbsent('a', Buffer.from(`${n}`))),
  )
  const created = puts.filter((put) => put.status === 'fulfilled' && put.value.kind === 'created')
  expect(created.length).toBeLessThanOrEqual(1)
})

test('goes on when someone removes the folder under it', async () => {
  const folder = await freshFolder()
  const store = storeOf(folder)
  await store.put('a/b/c', Buffer.from('x'))
  await rm(join(folder, 'a'), { recursive: true })
  expect((await store.putIfAbsent('a/b/d', Buffer.from('y'))).kind).toBe('created')
  expect(await keysOf(store)).toEqual(['a/b/d'])
})

test('a file where a folder is needed, and the reverse, is an invalid key', async () => {
  const store = storeOf(await freshFolder())
  await store.put('a', Buffer.from('x'))
  await store.put('d/e', Buffer.from('x'))
  for (const key of ['a/b', 'd', `long/${'n'.repeat(256)}`]) {
    await expect(store.put(key, Buffer.from('y')), key).rejects.toMatchObject({
      code: 'store/invalid-key',
      kind: 'invalid',
    })
  }
  expect(await store.putIfAbsent('d', Buffer.from('y'))).toEqual({ kind: 'exists' })
  expect(await store.get(`long/${'n'.repeat(256)}`)).toEqual({ kind: 'missing' })
})

test('symbolic links are not listed: one to a folder above would never end', async () => {
  const folder = await freshFolder()
  const store = storeOf(folder)
  await store.put('a/b', Buffer.from('x'))
  await symlink(folder, join(folder, 'a/up'))
  expect(await keysOf(store)).toEqual(['a/b'])
})

test('a folder that may not be written names the path and the setting', async () => {
  const folder = await freshFolder()
  await mkdir(join(folder, 'closed'))
  await chmod(join(folder, 'closed'), 0o500)
  // Root may write anywhere but where the kernel itself refuses.
  const closed = process.getuid?.() === 0 ? '/sys/silt' : join(folder, 'closed')
  const put = storeOf(closed).put('a', Buffer.from('x'))
  await expect(put).rejects.toMatchObject({
    code: 'store/denied',
    kind: 'invalid',
    message: expect.stringMatching(new RegExp(`${closed}.*DELTA_TABLE_PATH`)) as string,
  })
})

test('a folder that cannot be made fails instead of trying for ever', async () => {
  const place = process.platform === 'linux' ? '/proc/silt/table' : join(await freshFolder(), 'n'.repeat(300))
  await expect(storeOf(place).put('a', Buffer.from('x'))).rejects.toMatchObject({
    code: expect.stringMatching(/^store\/invalid-(location|key)$/) as string,
  })
})

async function freshFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'silt-store-'))
  folders.push(folder)
  return folder
}

function storeOf(folder: string, pageNamesMax = 50_000): LocalStore {
  return new LocalStore({ folder, clock: systemClock, random: systemRandom, pageNamesMax })
}

async function keysOf(store: LocalStore): Promise<string[]> {
  const keys: string[] = []
  for await (const { key } of store.list('')) keys.push(key)
  return keys
}
