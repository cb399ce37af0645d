import type { SiltError } from '@silt/core'
import { systemClock, systemRandom } from '@silt/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { RetryingStore } from '../src/retrying-store.ts'
import type { S3Settings } from '../src/s3-connection.ts'
import { S3Store } from '../src/s3-store.ts'
import { CutProxy } from './cut-proxy.ts'

/** A live S3 server on this machine, reached by plain http. */
export interface S3Target {
  readonly endpoint: string
  readonly region: string
  readonly bucket: string
  readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string }
}

const requestTimeoutMs = 1_500
/** Where no timeout is wanted, however busy the machine. */
const patientMs = 30_000

/** What `S3Store` must make of lost requests and answers and of refusals; registers its tests under `name`. */
export function s3FaultContract(name: string, open: () => Promise<S3Target>): void {
  describe(`${name}: S3 faults`, () => {
    let target: S3Target
    let proxy: CutProxy
    let direct: S3Store
    let cut: S3Store
    let location: string

    beforeAll(async () => {
      target = await open()
      proxy = await CutProxy.before(target.endpoint)
      location = `s3://${target.bucket}/faults-${systemRandom.uuid()}`
      direct = storeOf(target.endpoint, { requestTimeoutMs: patientMs })
    })
    afterEach(async () => {
      proxy.release()
      proxy.requests.clear()
      await cut.close()
    })
    afterAll(async () => {
      await direct.close()
      await proxy.close()
    })

    function storeOf(endpoint: string, overrides: Partial<S3Settings> = {}): S3Store {
      const { region, credentials } = target
      const settings = { endpoint, region, credentials, allowHttp: true, requestTimeoutMs, ...overrides }
      return new S3Store({ location, settings, clock: systemClock })
    }

    function cutStore(): S3Store {
      cut = storeOf(proxy.endpoint)
      return cut
    }

    function retrying(store: S3Store, onRetry: () => void): RetryingStore {
      const policy = { firstMs: 1, maxMs: 5, attemptsMax: 3 }
      return new RetryingStore(store, { clock: systemClock, random: systemRandom, policy, onRetry })
    }

    for (const kind of ['cut-answer', 'hold-answer'] as const) {
      test(`a landed put-if-absent is unknown after ${kind}, is sent once, and reads back as ours`, async () => {
        const store = retrying(cutStore(), () => undefined)
        proxy.mischief = { kind }
        const result = await store.putIfAbsent(`landed/${kind}`, bytes('our token'))
        expect(result).toMatchObject({ kind: 'unknown', cause: { code: 'store/ambiguous', kind: 'ambiguous' } })
        expect(proxy.requests.get('PUT')).toBe(1)
        expect(await textAt(`landed/${kind}`)).toBe('our token')
      })
    }

    test('a refused put-if-absent whose answer is cut is unknown too, and changes nothing', async () => {
      await direct.putIfAbsent('refused/a', bytes('theirs'))
      proxy.mischief = { kind: 'cut-answer' }
      expect((await cutStore().putIfAbsent('refused/a', bytes('ours'))).kind).toBe('unknown')
      expect(await textAt('refused/a')).toBe('theirs')
    })

    test('a put-if-absent that never arrives is unknown, and missing', async () => {
      proxy.mischief = { kind: 'cut-request' }
      const result = await retrying(cutStore(), () => undefined).putIfAbsent('never/a', bytes('ours'))
      expect(result.kind).toBe('unknown')
      expect(proxy.requests.get('PUT')).toBe(1)
      expect(await direct.get('never/a')).toEqual({ kind: 'missing' })
    })

    test('a put-if-absent can land after its timeout: unknown, missing, then there', async () => {
      proxy.mischief = { kind: 'hold-request' }
      expect((await cutStore().putIfAbsent('late/a', bytes('ours'))).kind).toBe('unknown')
      expect(await direct.get('late/a')).toEqual({ kind: 'missing' })
      proxy.release()
      await expect.poll(async () => await textAt('late/a'), { timeout: 5_000 }).toBe('ours')
    })

    test('a put whose answer is cut is ambiguous; retried, it ends well', async () => {
      proxy.mischief = { kind: 'cut-answer' }
      await expect(cutStore().put('put/a', bytes('body'))).rejects.toMatchObject({ code: 'store/ambiguous' })
      let retries = 0
      const store = retrying(cut, () => {
        retries++
        proxy.mischief = { kind: 'pass' }
      })
      await store.put('put/a', bytes('body'))
      expect(retries).toBe(1)
      expect(await textAt('put/a')).toBe('body')
    })

    test('a body cut or stalled on its way is never taken for the whole', async () => {
      const body = Buffer.alloc(3_000_000, 'body ')
      await direct.put('body/a', body)
      for (const kind of ['cut-body', 'stall-body'] as const) {
        proxy.mischief = { kind, afterBytes: 400_000 }
        await expect(cutStore().get('body/a'), kind).rejects.toMatchObject({ code: 'store/unavailable' })
        let retries = 0
        const store = retrying(cut, () => {
          retries++
          proxy.mischief = { kind: 'pass' }
        })
        const found = await store.get('body/a')
        expect(found.kind === 'found' && Buffer.compare(found.body, body)).toBe(0)
        expect(retries).toBe(1)
        await cut.close()
      }
    })

    test('a server that is away was sent nothing: unavailable, for put-if-absent too', async () => {
      const gone = await CutProxy.before(target.endpoint)
      const { endpoint } = gone
      await gone.close()
      cut = storeOf(endpoint)
      for (const call of [
        async () => await cut.putIfAbsent('a', bytes('x')),
        async () => await cut.put('a', bytes('x')),
        async () => await cut.get('a'),
        async () => await cut.head('a'),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'store/unavailable', kind: 'unavailable' })
      }
    })

    test('a wrong secret, an unknown key and a missing bucket are told apart, and no secret is told', async () => {
      const { accessKeyId } = target.credentials
      cut = storeOf(target.endpoint, { credentials: { accessKeyId, secretAccessKey: 'not-the-secret' } })
      for (const call of [
        async () => await cut.get('a'),
        async () => await cut.put('a', bytes('x')),
        async () => await cut.putIfAbsent('a', bytes('x')),
        async () => await firstKey(cut),
      ]) {
        const error = await failureOf(call())
        expect(error).toMatchObject({ code: 'store/denied', kind: 'invalid' })
        expect(error.message).toContain('AWS_SECRET_ACCESS_KEY')
        expect(inspectAll(error)).not.toMatch(/not-the-secret|Signature=|AWS4-HMAC/)
      }
      const stranger = storeOf(target.endpoint, {
        credentials: { accessKeyId: 'nobody', secretAccessKey: 'nothing-here' },
      })
      for (const call of [async () => await stranger.get('a'), async () => await stranger.head('a')]) {
        const error = await failureOf(call())
        expect(error).toMatchObject({ code: 'store/denied' })
        expect(error.message).toContain('AWS_ACCESS_KEY_ID')
      }
      await stranger.close()

      const { endpoint, region, credentials } = target
      const settings = { endpoint, region, credentials, allowHttp: true }
      const homeless = new S3Store({ location: `s3://no-such-${systemRandom.uuid()}/t`, settings, clock: systemClock })
      for (const call of [
        async () => await homeless.get('a'),
        async () => await homeless.putIfAbsent('a', bytes('x')),
        async () => await firstKey(homeless),
      ]) {
        await expect(call()).rejects.toMatchObject({ code: 'store/no-bucket', kind: 'invalid' })
      }
      await homeless.close()
    })

    async function textAt(key: string): Promise<string> {
      const found = await direct.get(key)
      return found.kind === 'found' ? Buffer.from(found.body).toString() : 'missing'
    }
  })
}

async function firstKey(store: S3Store): Promise<string | undefined> {
  for await (const { key } of store.list('')) return key
  return undefined
}

async function failureOf(call: Promise<unknown>): Promise<SiltError> {
  return await call.then(
    () => {
      throw new Error('expected a failure')
    },
    (error: unknown) => error as SiltError,
  )
}

function inspectAll(error: SiltError): string {
  const cause = error.cause instanceof Error ? JSON.stringify(Object.getOwnPropertyDescriptors(error.cause)) : ''
  return `${error.message} ${JSON.stringify(error.context)} ${cause}`
}

function bytes(text: string): Uint8Array {
  return Buffer.from(text)
}
