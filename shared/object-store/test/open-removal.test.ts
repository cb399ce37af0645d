import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { systemClock, systemRandom } from '@silt/core'
import { ManualClock } from '@silt/core/testing'
import { expect, test } from 'vitest'
import { openRemoval, openStore } from '../src/index.ts'
import { ScriptedS3 } from './scripted-s3.ts'

test('what is opened to remove does just that', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'silt-removal-'))
  const deps = { clock: new ManualClock(), random: systemRandom }
  const s3 = { region: 'us-east-1', allowHttp: false }
  try {
    const store = openStore(folder, s3, deps)
    await store.put('a/b', Buffer.from('x'))
    const removal = openRemoval(folder, s3, deps)
    expect(Object.keys(removal).sort()).toEqual(['close', 'remove'])
    await removal.remove('a/b')
    expect(await store.get('a/b')).toEqual({ kind: 'missing' })
    await removal.close()
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('a removal without an answer is asked for again, one that is denied is not, and says which right it takes', async () => {
  const s3 = await ScriptedS3.start()
  const credentials = { accessKeyId: 'AKID', secretAccessKey: 'hush-hush' }
  const settings = { endpoint: s3.endpoint, region: 'us-east-1', credentials, allowHttp: true }
  const policy = { firstMs: 1, maxMs: 1, attemptsMax: 4 }
  const removal = openRemoval('s3://bucket/table', settings, { clock: systemClock, random: systemRandom, policy })
  try {
    s3.answer = (_, index) => (index === 0 ? { status: 200, isLost: true } : { status: index === 1 ? 503 : 204 })
    await removal.remove('_delta_log/a b.json')
    expect(s3.requests.map(({ method, url }) => `${method} ${url.split('?')[0] ?? ''}`)).toEqual(
      Array.from({ length: 3 }, () => 'DELETE /bucket/table/_delta_log/a%20b.json'),
    )
    s3.answer = () => ({ status: 403, code: 'AccessDenied' })
    await expect(removal.remove('x')).rejects.toMatchObject({
      code: 'store/denied',
      message: expect.stringContaining('s3:DeleteObject') as string,
    })
    expect(s3.requests).toHaveLength(4)
  } finally {
    await removal.close()
    await s3.close()
  }
})
