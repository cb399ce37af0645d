import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { systemClock, systemRandom } from '@silt/core'
import { expect, test } from 'vitest'
import { openStore } from '../src/open-store.ts'

const s3 = { region: 'us-east-1', endpoint: 'https://s3.example', allowHttp: false }
const deps = { clock: systemClock, random: systemRandom }

test('opens a folder by path and by URL, the same one', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'silt-open-'))
  const folder = join(parent, 'a table')
  const byPath = openStore(folder, s3, deps)
  const byUrl = openStore(pathToFileURL(folder).href, s3, deps)
  await byPath.put('a/b', Buffer.from('x'))
  expect((await byUrl.get('a/b')).kind).toBe('found')
  expect([byPath.location, byUrl.location]).toEqual([folder, folder])
  await rm(parent, { recursive: true })
})

test.each([
  ['s3://bucket/some/table/', 's3://bucket/some/table'],
  ['s3://bucket', 's3://bucket'],
])('opens %s', async (location, shown) => {
  const store = openStore(location, s3, deps)
  expect(store.location).toBe(shown)
  await store.close()
})

test.each(['', 's3://', 's3://B_cket/t', 's3://bucket/../t', 's3://bucket//t', 'gs://bucket/t', 'https://x/y'])(
  'refuses %j, naming the setting',
  (location) => {
    expect(() => openStore(location, s3, deps)).toThrow(
      expect.objectContaining({
        code: 'store/invalid-location',
        kind: 'invalid',
        message: expect.stringContaining('DELTA_TABLE_PATH') as string,
      }),
    )
  },
)

test('refuses plain http before any request', () => {
  const plain = { ...s3, endpoint: 'http://127.0.0.1:9000' }
  expect(() => openStore('s3://bucket/t', plain, deps)).toThrow(
    expect.objectContaining({ code: 'store/http-not-allowed' }),
  )
})
