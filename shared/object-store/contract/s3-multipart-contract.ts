import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3'
import { systemClock, systemRandom } from '@silt/core'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import type { Retry, RetryOptions } from '../src/retry-course.ts'
import type { S3Settings } from '../src/s3-connection.ts'
import { S3Store } from '../src/s3-store.ts'
import { CutProxy } from './cut-proxy.ts'
import type { S3Target } from './s3-fault-contract.ts'

const mib = 2 ** 20
const body = Buffer.alloc(36 * mib + 5, 'part of a larger whole ')
/** Where no timeout is wanted, however busy the machine. */
const requestTimeoutMs = 30_000

/** What `S3Store` must make of large bodies, which go in parts, whatever comes between; registers its tests under `name`. */
export function s3MultipartContract(name: string, open: () => Promise<S3Target>): void {
  describe(`${name}: S3 in parts`, { timeout: 60_000 }, () => {
    let target: S3Target
    let proxy: CutProxy
    let location: string
    let direct: S3Store
    let store: S3Store
    let onRetry: (retry: Retry) => void

    beforeAll(async () => {
      target = await open()
      proxy = await CutProxy.before(target.endpoint)
      location = `s3://${target.bucket}/parts-${systemRandom.uuid()}`
      const retry: RetryOptions = {
        clock: systemClock,
        random: systemRandom,
        policy: { firstMs: 1, maxMs: 50, attemptsMax: 6 },
        onRetry: (each) => {
          onRetry(each)
        },
      }
      direct = new S3Store({ location, settings: settingsOf(target.endpoint), clock: systemClock })
      store = new S3Store({ location, settings: settingsOf(proxy.endpoint), clock: systemClock, retry })
    })
    afterEach(() => {
      proxy.release()
      proxy.requests.clear()
    })
    afterAll(async () => {
      await store.close()
      await direct.close()
      await proxy.close()
    })

    function settingsOf(endpoint: string): S3Settings {
      const { region, credentials } = target
      return { endpoint, region, credentials, allowHttp: true, requestTimeoutMs }
    }

    test('a body above the bound comes back whole, and is no older than its put says', async () => {
      const { storeTimeMs } = await store.put('a b=c.bin', body)
      expect(proxy.requests.get('PUT')).toBe(5)
      expect(await digestAt('a b=c.bin')).toBe(digestOf(body))
      const { modifiedMs = 0 } = (await direct.head('a b=c.bin')) ?? {}
      expect(storeTimeMs).toBeLessThanOrEqual(modifiedMs + 1)
      expect(modifiedMs - storeTimeMs).toBeLessThan(30_000)
      expect(await openUploads('a b=c.bin')).toBe(0)
    })

    test('a connection that ends within a part costs that part', async () => {
      proxy.mischief = { kind: 'cut-sent', afterBytes: 3 * mib, only: /partNumber=3/ }
      const errors: unknown[] = []
      onRetry = ({ error }) => {
        errors.push(error)
        proxy.release()
      }
      await store.put('cut/part', body)
      expect(errors).toEqual([expect.objectContaining({ code: 'store/unavailable' })])
      expect(proxy.requests.get('PUT')).toBe(6)
      expect(await digestAt('cut/part')).toBe(digestOf(body))
    })

    test('a part whose answer is lost is sent again', async () => {
      proxy.mischief = { kind: 'cut-answer', only: /partNumber=5/ }
      onRetry = () => {
        proxy.release()
      }
      await store.put('cut/answer', body)
      expect(await digestAt('cut/answer')).toBe(digestOf(body))
    })

    test.each(['cut-answer', 'cut-request'] as const)('a completion lost by %s ends well', async (kind) => {
      proxy.mischief = { kind, only: /^POST .*uploadId=/ }
      onRetry = () => {
        proxy.release()
      }
      await store.put(`completed/${kind}`, body)
      expect(await digestAt(`completed/${kind}`)).toBe(digestOf(body))
      expect(await openUploads(`completed/${kind}`)).toBe(0)
    })

    test('a completion that nobody is heard of stays open, and what came of it is whole', async () => {
      proxy.mischief = { kind: 'cut-answer', only: /^(POST .*uploadId=|GET )/ }
      onRetry = () => undefined
      await expect(store.put('completed/unheard', body)).rejects.toMatchObject({ code: 'store/ambiguous' })
      expect(await digestAt('completed/unheard')).toBe(digestOf(body))
      proxy.release()
      await store.put('completed/unheard', body)
      expect(await digestAt('completed/unheard')).toBe(digestOf(body))
    })

    test('an upload that fails gives back what it had sent, and nothing is to be seen', async () => {
      proxy.mischief = { kind: 'cut-answer', only: /partNumber=2/ }
      onRetry = () => undefined
      await expect(store.put('failed', body)).rejects.toMatchObject({ code: 'store/unavailable' })
      expect(await direct.get('failed')).toEqual({ kind: 'missing' })
      expect(await openUploads('failed')).toBe(0)
    })

    test('a process that dies between parts leaves an upload that nobody sees, and the name free', async () => {
      proxy.mischief = { kind: 'hold-answer', only: /partNumber=/ }
      const script = fileURLToPath(new URL('put-in-parts.ts', import.meta.url))
      const settings = JSON.stringify(settingsOf(proxy.endpoint))
      const child = spawn(process.execPath, [script, location, 'dead', settings], { stdio: 'inherit' })
      await expect.poll(() => proxy.requests.get('PUT') ?? 0, { timeout: 30_000 }).toBe(4)
      const ended = new Promise((resolve) => child.once('exit', resolve))
      child.kill('SIGKILL')
      await ended
      proxy.release()
      expect(await direct.get('dead')).toEqual({ kind: 'missing' })
      expect(await keysOf('dead')).toEqual([])
      expect(await openUploads('dead')).toBe(1)
      await store.put('dead', body)
      expect(await digestAt('dead')).toBe(digestOf(body))
    })

    async function openUploads(key: string): Promise<number> {
      const { endpoint, region, credentials, bucket } = target
      const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true })
      const Prefix = `${location.slice(`s3://${bucket}/`.length)}/${key}`
      const { Uploads } = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix }))
      client.destroy()
      return Uploads?.length ?? 0
    }

    async function digestAt(key: string): Promise<string> {
      const found = await direct.get(key)
      return found.kind === 'found' ? digestOf(found.body) : 'missing'
    }

    async function keysOf(prefix: string): Promise<string[]> {
      const keys: string[] = []
      for await (const { key } of direct.list(prefix)) keys.push(key)
      return keys
    }
  })
}

function digestOf(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
