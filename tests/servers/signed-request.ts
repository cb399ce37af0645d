import { createHash, createHmac } from 'node:crypto'
import { SiltError } from '@silt/core'

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}

export interface SignedRequest {
  readonly method: 'GET' | 'PUT' | 'PATCH'
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

  const response = await fetch(url, {
    method: request.method,
    headers: { ...headers, authorization, ...(request.onlyIfAbsent ? { 'if-none-match': '*' } : {}) },
    ...(body.length > 0 ? { body } : {}),
    signal: AbortSignal.timeout(REQUEST_MS_MAX),
  })
  await response.arrayBuffer()
  return response.status
}

/** As `sendSigned`, for requests of the harness that must succeed. */
export async function requireSigned(
  endpoint: string,
  credentials: S3Credentials,
  request: SignedRequest,
): Promise<void> {
  const status = await sendSigned(endpoint, credentials, request)
  if (status >= 200 && status < 300) return
  const what = `${request.method} ${request.path} answered ${status}`
  throw new SiltError('unavailable', 'servers/setup-refused', what, { context: { status } })
}

function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}
