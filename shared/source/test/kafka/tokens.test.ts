import { createHash, createHmac } from 'node:crypto'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { systemClock, type Clock } from '@silt/core'
import { afterEach, expect, test } from 'vitest'
import { clientCredentialsTokens, mskIamTokens } from '../../src/index.ts'

let server: Server | undefined
afterEach(() => void server?.close())

interface Asked {
  readonly authorization: string | undefined
  readonly form: string
}

async function endpoint(
  answer: (response: ServerResponse, nth: number) => void,
): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = []
  server = createServer((request: IncomingMessage, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      asked.push({ authorization: request.headers.authorization, form: Buffer.concat(chunks).toString() })
      answer(response, asked.length)
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, asked }
}

function clockAt(now: { ms: number }): Clock {
  return { ...systemClock, monotonicMs: () => now.ms, nowMs: () => now.ms }
}

test('a token is asked for once, shared, and renewed with the secret of that moment when most of its life has passed', async () => {
  const { url, asked } = await endpoint((response, nth) =>
    response.end(JSON.stringify({ access_token: `token-${nth}`, expires_in: 100 })),
  )
  const now = { ms: 0 }
  const told: string[] = []
  let clientSecret = 's&cret'
  const next = clientCredentialsTokens({
    tokenUrl: url,
    clientId: 'silt',
    clientSecret: () => clientSecret,
    scope: 'kafka',
    clock: clockAt(now),
    onToken: (token) => told.push(token),
  })
  expect(await Promise.all([next(), next()])).toEqual(['token-1', 'token-1'])
  now.ms = 79_000
  expect(await next()).toBe('token-1')
  now.ms = 81_000
  clientSecret = 'rotated'
  expect(await next()).toBe('token-2')
  expect(new Set(told)).toEqual(new Set(['token-1', 'token-2']))
  expect(asked.map(({ form }) => form)).toEqual(Array(2).fill('grant_type=client_credentials&scope=kafka'))
  const basic = (text: string | undefined): string => Buffer.from(text?.slice(6) ?? '', 'base64').toString()
  expect(asked.map(({ authorization }) => basic(authorization))).toEqual(['silt:s%26cret', 'silt:rotated'])
})

test.each([
  [401, '{"error":"invalid_client","error_description":"no s&cret"}', 'invalid', 'gives no token (401 invalid_client)'],
  [200, '{"nothing":true}', 'invalid', 'gives no token (200)'],
  [503, 'later', 'unavailable', 'answers 503'],
  [302, '', 'unavailable', 'cannot be asked'],
  [200, 'x'.repeat(70_000), 'unavailable', 'longer than 65536 bytes'],
])('an endpoint that answers %s', async (status, body, kind, message) => {
  const { url } = await endpoint((response) => {
    response.writeHead(status, status === 302 ? { location: 'http://127.0.0.1:1/elsewhere' } : {}).end(body)
  })
  const next = clientCredentialsTokens({
    tokenUrl: url,
    clientId: 'silt',
    clientSecret: () => 's&cret',
    clock: systemClock,
  })
  const error = await next().catch((thrown: unknown) => thrown as Error)
  expect(error).toMatchObject({ kind })
  expect(String(error)).toContain(message)
  expect(String(error)).toContain('KAFKA_SASL_OAUTHBEARER_TOKEN_URL')
  expect(String(error)).not.toContain('s&cret')
})

test("an MSK token is a presigned Connect request whose signature is Signature Version 4's", async () => {
  const keys = { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'wJalrXUtnFEMI/K7MDENG', sessionToken: 'session+token/=' }
  const nowMs = Date.UTC(2026, 10, 22, 12, 0, 0)
  const token = await mskIamTokens({
    region: 'eu-central-1',
    credentials: () => Promise.resolve(keys),
    clock: { ...systemClock, nowMs: () => nowMs },
  })()
  const url = new URL(Buffer.from(token, 'base64url').toString())
  expect(token).not.toContain('=')
  expect(`${url.protocol}//${url.host}${url.pathname}`).toBe('https://kafka.eu-central-1.amazonaws.com/')
  const query = Object.fromEntries(url.searchParams)
  expect(query).toMatchObject({
    Action: 'kafka-cluster:Connect',
    'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
    'X-Amz-Credential': 'AKIDEXAMPLE/20261122/eu-central-1/kafka-cluster/aws4_request',
    'X-Amz-Date': '20261122T120000Z',
    'X-Amz-Expires': '900',
    'X-Amz-Security-Token': 'session+token/=',
    'X-Amz-SignedHeaders': 'host',
    'User-Agent': 'silt',
  })
  expect(query['X-Amz-Signature']).toBe(signatureOf(query, keys.secretAccessKey))
})

test('without AWS credentials there is no MSK token, and the remedy is told', async () => {
  const credentials = () => Promise.reject(new Error('Could not load credentials from any providers'))
  const next = mskIamTokens({ region: 'eu-central-1', credentials, clock: systemClock })
  await expect(next()).rejects.toMatchObject({ code: 'source/denied', kind: 'invalid' })
  await expect(next()).rejects.toThrow('set AWS_ACCESS_KEY_ID')
})

/** Signature Version 4 of a presigned GET, written down from its description and not from the signer. */
function signatureOf(query: Readonly<Record<string, string>>, secret: string): string {
  const canonicalQuery = Object.entries(query)
    .filter(([name]) => !['X-Amz-Signature', 'User-Agent'].includes(name))
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .sort()
    .join('&')
  const empty = createHash('sha256').update('').digest('hex')
  const canonical = `GET\n/\n${canonicalQuery}\nhost:kafka.eu-central-1.amazonaws.com\n\nhost\n${empty}`
  const scope = '20261122/eu-central-1/kafka-cluster/aws4_request'
  const hash = createHash('sha256').update(canonical).digest('hex')
  let key: string | Buffer = `AWS4${secret}`
  for (const part of scope.split('/')) key = createHmac('sha256', key).update(part).digest()
  return createHmac('sha256', key).update(`AWS4-HMAC-SHA256\n20261122T120000Z\n${scope}\n${hash}`).digest('hex')
}
