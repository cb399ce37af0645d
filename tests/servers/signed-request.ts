import { createHash, createHmac } from 'node:crypto'
import { request as requestPlain } from 'node:http'
import { request as requestTls } from 'node:https'
import { SiltError } from '@silt/core'

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface SignedRequest {
  readonly method: 'GET' | 'PUT' | 'PATCH' | 'DELETE'
  readonly path: string
  readonly query?: Readonly<Record<string, string>>
  readonly body?: Uint8Array | string
  /** Put-if-absent: an existing object is answered with 412. */
  readonly onlyIfAbsent?: true
}

const REQUEST_MS_MAX = 15_000
export const REGION = 'us-east-1'

/**
 * Sends a request signed for S3 and resolves to its status; for setting servers up, where a client library would be one more
 * thing under test ("Signature Version 4", AWS General Reference).
 */
export async function sendSigned(
  endpoint: string,
  credentials: S3Credentials,
  request: SignedRequest,
  ca?: string,
): Promise<number> {
  const url = new URL(request.path, endpoint)
  const query = Object.entries(request.query ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
  const canonicalQuery = query.map(([name, value]) => `${encode(name)}=${encode(value)}`).join('&')
  url.search = canonicalQuery
  const body = Buffer.from(request.body ?? '')
  const bodyHash = createHash('sha256').update(body).digest('hex')
  const stamp = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const headers = { host: url.host, 'x-amz-content-sha256': bodyHash, 'x-amz-date': stamp }
  const signed = Object.keys(headers).join(';')
  const headerLines = Object.entries(headers).map(([name, value]) => `${name}:${value}\n`)
  const canonical = [request.method, url.pathname, canonicalQuery, headerLines.join(''), signed, bodyHash].join('\n')

  const scope = `${stamp.slice(0, 8)}/${REGION}/s3/aws4_request`
  const canonicalHash = createHash('sha256').update(canonical).digest('hex')
  const toSign = ['AWS4-HMAC-SHA256', stamp, scope, canonicalHash].join('\n')
  let key: string | Buffer = `AWS4${credentials.secretAccessKey}`
  for (const part of [...scope.split('/'), toSign]) key = createHmac('sha256', key).update(part).digest()
  const signature = Buffer.from(key).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scope}, SignedHeaders=${signed}, Signature=${signature}`

  const conditional = request.onlyIfAbsent ? { 'if-none-match': '*' } : {}
  return statusOf(url, { method: request.method, headers: { ...headers, authorization, ...conditional }, ca }, body)
}

/** Not by `fetch`: it trusts no authority but those the process was started with. */
export function statusOf(
  url: URL,
  options: { method: string; headers?: Readonly<Record<string, string>>; ca?: string | undefined },
  body: Uint8Array = Buffer.alloc(0),
): Promise<number> {
  const open = url.protocol === 'https:' ? requestTls : requestPlain
  return new Promise((resolve, reject) => {
    const sent = open(url, { ...options, signal: AbortSignal.timeout(REQUEST_MS_MAX) }, (response) => {
      response.on('error', reject).on('end', () => resolve(response.statusCode ?? 0))
      response.resume()
    })
    sent.on('error', reject).end(body)
  })
}

/** As `sendSigned`, for requests of the harness that must succeed. */
export async function requireSigned(
  endpoint: string,
  credentials: S3Credentials,
  request: SignedRequest,
  ca?: string,
): Promise<void> {
  const status = await sendSigned(endpoint, credentials, request, ca)
  if (status >= 200 && status < 300) return
  const what = `${request.method} ${request.path} answered ${status}`
  throw new SiltError('unavailable', 'servers/setup-refused', what, { context: { status } })
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
