import type * as FsPromises from 'node:fs/promises'
import { link, mkdtemp, open, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemRandom } from '@silt/core'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { LocalWriter } from '../src/local-write.ts'

vi.mock('node:fs/promises', async (importOriginal) => {
  const original = await importOriginal<typeof FsPromises>()
  return { ...original, link: vi.fn(original.link), open: vi.fn(original.open) }
})

const real = await vi.importActual<typeof FsPromises>('node:fs/promises')
const body = Buffer.from('x')
let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'silt-write-'))
})
afterEach(async () => {
  vi.mocked(link).mockReset().mockImplementation(real.link)
  vi.mocked(open).mockReset().mockImplementation(real.open)
  await rm(folder, { recursive: true })
})

test.each(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS'])(
  'a file system without links (%s) is refused, with the remedy',
  async (errno) => {
    vi.mocked(link).mockRejectedValue(failure(errno))
    await expect(create()).rejects.toMatchObject({
      code: 'store/no-put-if-absent',
      kind: 'unsupported',
      message: expect.stringContaining('hard links') as string,
    })
    expect(await readdir(folder)).toEqual([])
  },
)

test('a link that fails for an unknown reason leaves open whether it was made', async () => {
  vi.mocked(link).mockRejectedValue(failure('EIO'))
  expect(await create()).toMatchObject({ kind: 'unknown', cause: { code: 'EIO' } })
})

test.each(['EEXIST', 'EIO'])(
  'a file server that repeats our link and answers %s to our own success is seen through',
  async (errno) => {
    vi.mocked(link).mockImplementation(async (from, to) => {
      await real.link(from, to)
      throw failure(errno)
    })
    expect((await create()).kind).toBe('created')
    expect(await readdir(folder)).toEqual(['a'])
  },
)

test('a link without space was not made: it may be tried again', async () => {
  vi.mocked(link).mockRejectedValue(failure('ENOSPC'))
  await expect(create()).rejects.toMatchObject({ code: 'store/full', kind: 'unavailable' })
})

test('a name that is given but perhaps not durable is unknown, and for a put ambiguous', async () => {
  const writer = new LocalWriter(folder, systemRandom)
  await writer.create(join(folder, 'first'), body)
  vi.mocked(open).mockImplementation(async (path, flags) => {
    if (path === folder) throw failure('EIO')
    return await real.open(path, flags)
  })
  expect((await writer.create(join(folder, 'a'), body)).kind).toBe('unknown')
  await expect(writer.replace(join(folder, 'b'), body)).rejects.toMatchObject({ code: 'store/ambiguous' })
  expect((await readdir(folder)).sort()).toEqual(['a', 'b', 'first'])
})

async function create(): ReturnType<LocalWriter['create']> {
  return await new LocalWriter(folder, systemRandom).create(join(folder, 'a'), body)
}

function failure(errno: string): Error {
  return Object.assign(new Error(errno), { code: errno })
}

test.each([
  ['below a file', () => join(folder, 'file', 'table')],
  ['where a file stands', () => join(folder, 'file')],
])('a folder %s is refused, naming the setting', async (_where, root) => {
  await writeFile(join(folder, 'file'), 'x')
  const writer = new LocalWriter(root(), systemRandom)
  await expect(writer.create(join(root(), '_delta_log', 'a'), body)).rejects.toMatchObject({
    code: 'store/invalid-location',
    kind: 'invalid',
    message: expect.stringMatching(/no folder can be made at .* DELTA_TABLE_PATH/) as string,
  })
})
