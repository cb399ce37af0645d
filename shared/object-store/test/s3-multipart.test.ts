import { createHash } from 'node:crypto'
import type { IncomingMessage } from 'node:http'
import { systemClock, systemRandom } from '@silt/core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { RetryOptions } from '../src/retry-course.ts'
import { RetryingStore } from '../src/retrying-store.ts'
import type { S3Store } from '../src/s3-store.ts'
import { ScriptedS3, type ScriptedAnswer } from './scripted-s3.ts'

const partBytes = 2 ** 20 + 1
const body = Buffer.alloc(5 * partBytes - 7, 'a part of a whole ')
const retry: RetryOptions = {
  clock: systemClock,
  random: systemRandom,
  policy: { firstMs: 1, maxMs: 2, attemptsMax: 5 },
}

let s3: ScriptedS3
let store: S3Store
let answers: Partial<Record<Request, (part: number, times: number) => ScriptedAnswer | undefined>>
const sent = new Map<string, number>()
let completed: string | undefined
let uploads: number
let partsNow: number
let partsAtOnce: number
/** How long the store takes over a part. */
let partMs: number

type Request = 'create' | 'part' | 'complete' | 'abort' | 'list'

beforeAll(async () => {
  s3 = await ScriptedS3.start()
})
afterAll(async () => await s3.close())
beforeEach(() => {
  s3.requests.length = 0
  sent.clear()
  answers = {}
  ;[completed, uploads, partsNow, partsAtOnce, partMs] = [undefined, 0, 0, 0, 5]
  s3.answer = serve
  store = s3.store({}, { singlePutBytesMax: 2 * partBytes, partBytes, retry })
})
afterEach(async () => await store.close())

/** A store of one object, well behaved where `answers` has nothing to say. */
async function serve(request: IncomingMessage): Promise<ScriptedAnswer> {
  const { searchParams } = new URL(request.url ?? '', 'http://s3')
  const kind = kindOf(request.method, searchParams)
  const part = Number(searchParams.get('partNumber') ?? 0)
  const name = kind === 'part' ? `part ${part}` : kind
  const times = (sent.get(name) ?? 0) + 1
  sent.set(name, times)
  if (kind === 'part') {
    partsAtOnce = Math.max(partsAtOnce, ++partsNow)
    await new Promise((resolve) => setTimeout(resolve, partMs))
    partsNow--
  }
  const said = answers[kind]?.(part, times)
  if (kind === 'complete' && (said === undefined || said.isLost === true)) completed ??= etag(body)
  if (said !== undefined) return said
  switch (kind) {
    case 'create': {
      const id = `<InitiateMultipartUploadResult><UploadId>up-${++uploads}</UploadId></InitiateMultipartUploadResult>`
      return { status: 200, body: id, headers: { date: 'Sun, 22 Nov 2026 10:00:07 GMT' } }
    }
    case 'part':
      return { status: 200, headers: { etag: `"${md5(partOf(part))}"`, date: 'Sun, 22 Nov 2026 10:03:00 GMT' } }
    case 'complete':
      return { status: 200, body: '<CompleteMultipartUploadResult><ETag>"x"</ETag></CompleteMultipartUploadResult>' }
    case 'list':
      return { status: 200, body: completed === undefined ? '<ListBucketResult/>' : listing('table/data', completed) }
    case 'abort':
      return { status: 204 }
  }
}

function kindOf(method: string | undefined, query: URLSearchParams): Request {
  if (method === 'GET') return 'list'
  if (method === 'DELETE') return 'abort'
  if (method === 'PUT') return 'part'
  return query.has('uploads') ? 'create' : 'complete'
}

test('a large body is put in parts, four at a time for the whole store, each signed by its own hash and without a checksum', async () => {
  // Longer than a busy machine takes to send four: else the first is answered before the last has come.
  partMs = 500
  await Promise.all([store.put('data', body), store.put('data', body)])
  expect(partsAtOnce).toBe(4)
  const parts = s3.requests.filter(({ url }) => url.includes('partNumber'))
  expect(parts).toHaveLength(10)
  for (const { url, headers } of parts) {
    const part = partOf(Number(new URL(url, 'http://s3').searchParams.get('partNumber')))
    expect(headers['x-amz-content-sha256']).toBe(createHash('sha256').update(part).digest('hex'))
    expect(headers['content-length']).toBe(String(part.byteLength))
    expect(headers['content-encoding']).toBeUndefined()
  }
  const names = s3.requests.flatMap(({ headers }) => Object.keys(headers))
  expect(names.filter((name) => name.startsWith('x-amz-checksum') || name.includes('sdk-checksum'))).toEqual([])
})

test('its time is that at which the upload began: no store dates the object before it', async () => {
  expect(await store.put('data', body)).toEqual({ storeTimeMs: Date.parse('2026-11-22T10:00:07Z') })
})

test('a put-if-absent of any size is one request', async () => {
  s3.answer = () => ({ status: 200 })
  expect((await store.putIfAbsent('data', body)).kind).toBe('created')
  expect(s3.requests.map(({ method }) => method)).toEqual(['PUT'])
  expect(s3.requests[0]?.headers).toMatchObject({
    'if-none-match': '*',
    'x-amz-content-sha256': createHash('sha256').update(body).digest('hex'),
  })
})

test('a part that fails is sent again by itself', async () => {
  answers.part = (part, times) => {
    if (part === 2 && times === 1) return { status: 200, isLost: true }
    return part === 3 && times < 3 ? { status: 503, code: 'SlowDown' } : undefined
  }
  await store.put('data', body)
  expect(Object.fromEntries(sent)).toEqual({
    create: 1,
    'part 1': 1,
    'part 2': 2,
    'part 3': 3,
    'part 4': 1,
    'part 5': 1,
    complete: 1,
  })
})

test.each([
  [{ status: 403, code: 'AccessDenied' }, 'store/denied', 1],
  [{ status: 400, code: 'XAmzContentSHA256Mismatch' }, 'store/unavailable', 5],
  [{ status: 404, code: 'NoSuchUpload' }, 'store/unavailable', 1],
  [{ status: 200, isLost: true }, 'store/unavailable', 5],
])('a part that ends with %o gives the upload back: %s after %i tries', async (answer, code, tries) => {
  answers.part = (part) => (part === 2 ? answer : undefined)
  await expect(store.put('data', body)).rejects.toMatchObject({ code })
  expect(sent.get('part 2')).toBe(tries)
  expect(sent.get('abort')).toBe(1)
  expect(sent.get('complete')).toBeUndefined()
  expect(partsNow).toBe(0)
})

test('no part is begun after one has failed', async () => {
  answers.part = (part) =>
    part === 1 ? { status: 403, code: 'AccessDenied' } : { status: 200, headers: { etag: 'x' } }
  const slow = s3.store({}, { singlePutBytesMax: partBytes, partBytes, partsAtOnceMax: 1 })
  await expect(slow.put('data', body)).rejects.toMatchObject({ code: 'store/denied' })
  await slow.close()
  expect(Object.fromEntries(sent)).toEqual({ create: 1, 'part 1': 1, abort: 1 })
})

test('an upload that somebody ended is begun anew by the put that is tried again', async () => {
  answers.part = (part) => (part === 2 && uploads === 1 ? { status: 404, code: 'NoSuchUpload' } : undefined)
  await new RetryingStore(store, retry).put('data', body)
  expect(sent.get('create')).toBe(2)
  expect(sent.get('complete')).toBe(1)
})

describe('a completion whose answer is lost', () => {
  const noSuchUpload: ScriptedAnswer = { status: 404, code: 'NoSuchUpload' }
  const lostOnce = (later?: ScriptedAnswer) => (_: number, times: number) =>
    times === 1 ? { status: 200, isLost: true } : later

  test('counts where the listing shows the object of these parts', async () => {
    answers.complete = lostOnce(noSuchUpload)
    expect(await store.put('data', body)).toEqual({ storeTimeMs: Date.parse('2026-11-22T10:00:07Z') })
    expect(sent.get('complete')).toBe(1)
    expect(sent.get('abort')).toBeUndefined()
  })

  test('is asked for again where the listing shows nothing yet, and then counts only once it does', async () => {
    answers.complete = lostOnce({ status: 200, body: '<CompleteMultipartUploadResult/>' })
    answers.list = (_, times) => (times < 3 ? { status: 200, body: '<ListBucketResult/>' } : undefined)
    await store.put('data', body)
    expect([sent.get('complete'), sent.get('list')]).toEqual([3, 3])
  })

  test.each([
    ['another object has the name', { status: 200, body: listing('table/data', `${md5(body)}-5`) }],
    ['only a longer name is there', { status: 200, body: listing('table/data2', etag(body)) }],
    ['the listing is refused', { status: 403, code: 'AccessDenied' }],
  ])('stays open where %s, and nothing is given back', async (_, list) => {
    answers.complete = lostOnce(noSuchUpload)
    answers.list = () => list
    await expect(store.put('data', body)).rejects.toMatchObject({ code: 'store/ambiguous', kind: 'ambiguous' })
    expect(sent.get('complete')).toBe(5)
    expect(sent.get('abort')).toBeUndefined()
  })

  test('stays open where the store names its parts by something else than their MD5', async () => {
    answers.part = (part) => ({ status: 200, headers: { etag: `"part-${part}"` } })
    answers.complete = lostOnce(noSuchUpload)
    await expect(store.put('data', body)).rejects.toMatchObject({ code: 'store/ambiguous' })
  })

  test('ends at a refusal, as open as before', async () => {
    answers.complete = lostOnce({ status: 403, code: 'AccessDenied' })
    answers.list = () => ({ status: 200, body: '<ListBucketResult/>' })
    await expect(store.put('data', body)).rejects.toMatchObject({ code: 'store/ambiguous' })
    expect(sent.get('complete')).toBe(2)
  })

  test('is also one that began with a 200 and ended as an error', async () => {
    answers.complete = (_, times) =>
      times === 1
        ? { status: 200, body: '<Error><Code>InternalError</Code><Message>again</Message></Error>' }
        : undefined
    await store.put('data', body)
    expect(sent.get('complete')).toBe(2)
  })
})

test.each([
  [400, 'InvalidPart', 'store/unavailable', 1],
  [403, 'AccessDenied', 'store/denied', 1],
  [429, 'SlowDown', 'store/unavailable', 5],
])(
  'a completion refused with %i %s gives the upload back: %s after %i tries',
  async (status, code, siltCode, tries) => {
    answers.complete = () => ({ status, code })
    await expect(store.put('data', body)).rejects.toMatchObject({ code: siltCode })
    expect(sent.get('complete')).toBe(tries)
    expect(sent.get('abort')).toBe(1)
  },
)

describe('where the next try of a part would come in a minute', () => {
  const policy = { firstMs: 60_000, maxMs: 60_000, attemptsMax: 5 }
  const away: ScriptedAnswer = { status: 503, code: 'SlowDown' }
  let patient: S3Store
  beforeEach(() => {
    patient = s3.store({}, { singlePutBytesMax: partBytes, partBytes, retry: { ...retry, policy, budgetMs: 600_000 } })
  })
  afterEach(async () => await patient.close())

  test('a store that closes does not wait for it', async () => {
    answers.part = () => away
    const put = patient.put('data', body).catch((error: unknown) => error)
    await expect.poll(() => sent.get('part 1')).toBe(1)
    await patient.close()
    expect(await put).toMatchObject({ code: 'store/unavailable' })
  })

  test('a part that is refused for good ends the wait of the others', async () => {
    answers.part = (part) => (part === 4 ? { status: 403, code: 'AccessDenied' } : away)
    await expect(patient.put('data', body)).rejects.toMatchObject({ code: 'store/denied' })
    expect(sent.get('abort')).toBe(1)
  })
})

function partOf(part: number): Buffer {
  return body.subarray((part - 1) * partBytes, part * partBytes)
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex')
}

function etag(bytes: Buffer): string {
  const count = Math.ceil(bytes.byteLength / partBytes)
  const parts = Array.from({ length: count }, (_, index) => Buffer.from(md5(partOf(index + 1)), 'hex'))
  return `${md5(Buffer.concat(parts))}-${count}`
}

function listing(key: string, tag: string): string {
  return `<ListBucketResult><Contents><Key>${key}</Key><ETag>"${tag}"</ETag><Size>1</Size></Contents></ListBucketResult>`
}
