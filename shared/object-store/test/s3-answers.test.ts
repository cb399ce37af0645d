import { systemClock, systemRandom } from '@silt/core'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { RetryingStore } from '../src/retrying-store.ts'
import type { S3Store } from '../src/s3-store.ts'
import { listXml, ScriptedS3 } from './scripted-s3.ts'

let s3: ScriptedS3
let store: S3Store
const body = Buffer.from('x')

beforeAll(async () => {
  s3 = await ScriptedS3.start()
  store = s3.store()
})
afterAll(async () => {
  await store.close()
  await s3.close()
})
beforeEach(() => {
  s3.requests.length = 0
})

test('put-if-absent asks for it, once, without checksums, below the prefix', async () => {
  s3.answer = () => ({ status: 200, headers: { date: 'Sun, 22 Nov 2026 10:00:07 GMT' } })
  expect(await store.putIfAbsent('_delta_log/0.json', body)).toEqual({
    kind: 'created',
    storeTimeMs: 1_795_341_607_000,
  })
  expect(store.newestAnswerMs()).toBe(1_795_341_607_000)
  const [request] = s3.requests
  expect(request).toMatchObject({ method: 'PUT', headers: { 'if-none-match': '*' } })
  expect(request?.url).toMatch(/^\/bucket\/table\/_delta_log\/0\.json(\?|$)/)
  expect(Object.keys(request?.headers ?? {}).filter((name) => name.startsWith('x-amz-checksum'))).toEqual([])
})

test('refusals carry the time of the store as well', async () => {
  s3.answer = () => ({ status: 412, code: 'PreconditionFailed', headers: { date: 'Sun, 22 Nov 2026 10:00:09 GMT' } })
  expect(await store.putIfAbsent('a', body)).toEqual({ kind: 'exists' })
  expect(store.newestAnswerMs()).toBe(1_795_341_609_000)
})

test.each([
  [500, 'InternalError'],
  [502, undefined],
  [503, 'SlowDownWrite'],
  [503, 'SlowDown'],
  [504, undefined],
])('a %i %s to put-if-absent leaves open whether it landed, and is not repeated', async (status, code) => {
  s3.answer = () => ({ status, ...(code && { code }) })
  expect(await retrying(store).putIfAbsent('a', body)).toMatchObject({ kind: 'unknown', cause: { kind: 'ambiguous' } })
  expect(s3.requests).toHaveLength(1)
})

test.each(['ConditionalRequestConflict', 'OperationAborted'])(
  'a 409 %s landed nothing and is put again',
  async (code) => {
    s3.answer = (_, index) => (index === 0 ? { status: 409, code } : { status: 200 })
    await expect(store.putIfAbsent('a', body)).rejects.toMatchObject({ code: 'store/unavailable', kind: 'unavailable' })
    s3.requests.length = 0
    expect((await retrying(store).putIfAbsent('a', body)).kind).toBe('created')
    expect(s3.requests).toHaveLength(2)
  },
)

test('a put-if-absent that was too long on its way is not sent again: what it was decided on may be as old', async () => {
  s3.answer = (_, index) => (index === 0 ? { status: 403, code: 'RequestTimeTooSkewed' } : { status: 200 })
  await expect(retrying(store).putIfAbsent('a', body)).rejects.toMatchObject({ code: 'store/clock-skewed' })
  expect(s3.requests).toHaveLength(1)
  s3.requests.length = 0
  await retrying(store).put('a', body)
  expect(s3.requests).toHaveLength(2)
})

test('a store that does not implement conditional puts is refused', async () => {
  s3.answer = () => ({ status: 501, code: 'NotImplemented' })
  await expect(store.putIfAbsent('a', body)).rejects.toMatchObject({
    code: 'store/no-put-if-absent',
    kind: 'unsupported',
  })
})

test.each([
  [403, 'AccessDenied', 'store/denied', 's3:PutObject'],
  [403, 'InvalidAccessKeyId', 'store/denied', 'AWS_ACCESS_KEY_ID'],
  [403, 'SignatureDoesNotMatch', 'store/denied', 'AWS_SECRET_ACCESS_KEY'],
  [400, 'ExpiredToken', 'store/denied', 'AWS_SESSION_TOKEN'],
  [301, 'PermanentRedirect', 'store/denied', 'AWS_REGION'],
  [400, 'AuthorizationHeaderMalformed', 'store/denied', 'AWS_REGION'],
  [404, 'NoSuchBucket', 'store/no-bucket', 'DELTA_TABLE_PATH'],
  [507, 'XMinioStorageFull', 'store/full', 'full'],
  [400, 'KeyTooLongError', 'store/invalid-key', 'too long'],
  [400, 'Whatever', 'store/refused', '400 Whatever'],
  [403, 'RequestTimeTooSkewed', 'store/clock-skewed', 'clock'],
  [429, 'SlowDown', 'store/unavailable', 'SlowDown'],
])('a put answered %i %s becomes %s and names %s', async (status, code, siltCode, named) => {
  s3.answer = () => ({ status, code })
  const error: unknown = await store.put('a', body).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: siltCode, context: { vendorCode: code, status } })
  expect(String(error)).toContain(named)
  expect(String(error)).not.toContain('hush-hush')
})

test.each([
  [404, 'NoSuchBucket', 'store/no-bucket'],
  [404, undefined, 'store/refused'],
  [403, 'AccessDenied', 'store/denied'],
  [503, 'SlowDown', 'store/unavailable'],
])('a %i %s is not taken for a missing object, by get nor by head', async (status, code, siltCode) => {
  s3.answer = (request) => ({ status, ...(code !== undefined && request.method === 'GET' && { code }) })
  await expect(store.get('a')).rejects.toMatchObject({ code: siltCode })
  await expect(store.head('a')).rejects.toMatchObject({ code: siltCode })
})

test('an object over the bound is refused before it is read', async () => {
  s3.answer = () => ({ status: 200, headers: { 'content-length': String(2 ** 31) } })
  await expect(store.get('a')).rejects.toMatchObject({ code: 'store/too-large' })
})

test('a listing out of order is refused: a log read from it could miss versions', async () => {
  s3.answer = () => ({ status: 200, body: listXml(['table/b', 'table/a']) })
  await expect(keys()).rejects.toMatchObject({ code: 'store/unordered-list', kind: 'unsupported' })
})

test('a page without keys that promises more is an error, not the end', async () => {
  s3.answer = () => ({ status: 200, body: listXml([], { truncated: true }) })
  await expect(keys()).rejects.toMatchObject({ code: 'store/unavailable' })
})

test('a listing decodes names only where the store says it encoded them, and leaves out folder markers', async () => {
  s3.answer = () => ({ status: 200, body: listXml(['table/a%2520b', 'table/c+d', 'table/e/'], { encoding: 'url' }) })
  expect(await keys()).toEqual(['a%20b', 'c d'])
  s3.answer = () => ({ status: 200, body: listXml(['table/a%20b', 'table/c+d']) })
  expect(await keys()).toEqual(['a%20b', 'c+d'])
})

test('a listing goes on after the last key of a page, through a page that failed', async () => {
  const pages = [
    { status: 200, body: listXml(['table/a', 'table/b'], { truncated: true }) },
    { status: 500 },
    { status: 200, body: listXml(['table/c']) },
  ]
  s3.answer = (_, index) => pages[index] ?? { status: 500 }
  const found: string[] = []
  for await (const { key } of retrying(store).list('')) found.push(key)
  expect(found).toEqual(['a', 'b', 'c'])
  expect(new URL(s3.requests[2]?.url ?? '', 'http://x').searchParams.get('start-after')).toBe('table/b')
})

test('plain http is refused unless it is allowed, naming the setting', () => {
  expect(() => s3.store({ allowHttp: false })).toThrow(
    expect.objectContaining({
      code: 'store/http-not-allowed',
      message: expect.stringContaining('AWS_ALLOW_HTTP') as string,
    }),
  )
})

function retrying(inner: S3Store): RetryingStore {
  const policy = { firstMs: 1, maxMs: 2, attemptsMax: 4 }
  return new RetryingStore(inner, { clock: systemClock, random: systemRandom, policy })
}

async function keys(): Promise<string[]> {
  const found: string[] = []
  for await (const { key } of store.list('')) found.push(key)
  return found
}
