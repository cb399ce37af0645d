import { SiltError, tlsFault, tlsRemedy, type Clock } from '@silt/core'

export interface ClientCredentialsOptions {
  /** KAFKA_SASL_OAUTHBEARER_TOKEN_URL. */
  readonly tokenUrl: string
  readonly clientId: string
  /** Asked at each request, so that a rotated secret counts. */
  readonly clientSecret: () => string
  readonly scope?: string | undefined
  readonly clock: Clock
  /** Told of every token before it is used, so that it can be kept out of the log. */
  readonly onToken?: (token: string) => void
}

const requestMsMax = 10_000
const answerBytesMax = 64 * 1024
/** A token is renewed when this much of its life has passed. */
const renewAfter = 0.8
/** Where the answer names no life. */
const lifeMsDefault = 60_000

interface Held {
  readonly token: string
  readonly renewAtMs: number
}

/**
 * Tokens by the client-credentials grant (RFC 6749 § 4.4): one request at a time, its token used until most of its life has passed.
 * Bounds: a request takes at most 10 s, its answer at most 64 KiB; redirects are refused, for the secret would follow them.
 * Errors: `source/denied` (invalid) where the endpoint refuses, `source/unavailable` while it is away.
 */
export function clientCredentialsTokens(options: ClientCredentialsOptions): () => Promise<string> {
  const { clock, onToken } = options
  let held: Held | undefined
  let asking: Promise<Held> | undefined
  return async () => {
    if (held !== undefined && clock.monotonicMs() < held.renewAtMs) return held.token
    asking ??= ask(options).finally(() => (asking = undefined))
    held = await asking
    onToken?.(held.token)
    return held.token
  }
}

async function ask(options: ClientCredentialsOptions): Promise<Held> {
  const { tokenUrl, clientId, clientSecret, scope, clock } = options
  const askedMs = clock.monotonicMs()
  const basic = Buffer.from(`${encodeURIComponent(clientId)}:${encodeURIComponent(clientSecret())}`).toString('base64')
  const form = new URLSearchParams({ grant_type: 'client_credentials', ...(scope === undefined ? {} : { scope }) })
  let status: number
  let body: string
  try {
    const response = await fetch(tokenUrl, {
      method: 'POST',
      headers: { authorization: `Basic ${basic}`, accept: 'application/json' },
      body: form,
      redirect: 'error',
      signal: AbortSignal.timeout(requestMsMax),
    })
    status = response.status
    body = await bounded(response)
  } catch (error) {
    throw unreachable(tokenUrl, error)
  }
  if (status >= 500 || status === 429)
    throw new SiltError('unavailable', 'source/unavailable', `${where(tokenUrl)} answers ${status}`, {
      context: { status },
    })
  const answer = fieldsOf(body)
  const token = answer.get('access_token')
  if (status !== 200 || typeof token !== 'string' || token === '') throw refused(tokenUrl, status, answer.get('error'))
  const seconds = Number(answer.get('expires_in'))
  const lifeMs = Number.isFinite(seconds) && seconds > 0 ? seconds * 1000 : lifeMsDefault
  return { token, renewAtMs: askedMs + lifeMs * renewAfter }
}

async function bounded(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let sizeBytes = 0
  const reader = (response.body as ReadableStream<Uint8Array> | null)?.getReader()
  for (let piece = await reader?.read(); piece?.done === false; piece = await reader?.read()) {
    sizeBytes += piece.value.byteLength
    if (sizeBytes > answerBytesMax) throw new Error(`the answer is longer than ${answerBytesMax} bytes`)
    chunks.push(piece.value)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function fieldsOf(body: string): Map<string, unknown> {
  try {
    const parsed: unknown = JSON.parse(body)
    return new Map(typeof parsed === 'object' && parsed !== null ? Object.entries(parsed) : [])
  } catch {
    return new Map()
  }
}

/** The answer's own words stay behind, all but the error code of RFC 6749 § 5.2: nobody says what else is in them. */
function refused(tokenUrl: string, status: number, code: unknown): SiltError {
  const why = typeof code === 'string' && /^[a-z_]{1,40}$/.test(code) ? `${status} ${code}` : String(status)
  const remedy =
    'correct KAFKA_SASL_OAUTHBEARER_CLIENT_ID, KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET or KAFKA_SASL_OAUTHBEARER_SCOPE'
  return new SiltError('invalid', 'source/denied', `${where(tokenUrl)} gives no token (${why}); ${remedy}`, {
    context: { status },
  })
}

function unreachable(tokenUrl: string, error: unknown): SiltError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = cause instanceof Error && 'code' in cause && typeof cause.code === 'string' ? cause.code : ''
  const fault = tlsFault(code)
  if (fault === undefined) {
    const why = cause instanceof Error ? cause.message : String(cause)
    return new SiltError('unavailable', 'source/unavailable', `${where(tokenUrl)} cannot be asked: ${why}`)
  }
  const names = {
    ca: 'NODE_EXTRA_CA_CERTS',
    cert: 'the token endpoint',
    key: 'the token endpoint',
    address: 'KAFKA_SASL_OAUTHBEARER_TOKEN_URL',
    protocol: 'KAFKA_SASL_OAUTHBEARER_TOKEN_URL',
  }
  return new SiltError('invalid', 'source/denied', `${where(tokenUrl)}: ${tlsRemedy(fault, names)} (${code})`)
}

function where(tokenUrl: string): string {
  return `the token endpoint ${new URL(tokenUrl).origin} of KAFKA_SASL_OAUTHBEARER_TOKEN_URL`
}
