import type { S3Client, S3ClientConfig } from '@aws-sdk/client-s3'
import type { NodeHttpHandlerOptions } from '@smithy/node-http-handler'
import type { Clock } from '@silt/core'
import { SiltError } from '@silt/core'
import { HashedBody } from './s3-body.ts'
import { loadS3Sdk, type S3Sdk } from './s3-sdk.ts'

export interface S3Credentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string | undefined
}

/** How to reach an S3 store. Plain data, but for credentials that are asked for. */
export interface S3Settings {
  /** AWS_ENDPOINT_URL; left out: AWS. */
  readonly endpoint?: string | undefined
  readonly region: string
  /** Asked at every request where it is a function, so that what was rotated counts. Left out: the AWS credential chain. */
  readonly credentials?: S3Credentials | (() => Promise<S3Credentials>) | undefined
  /** Authorities (PEM) the endpoint is trusted by, instead of the usual ones (AWS_CA_BUNDLE). */
  readonly ca?: string | undefined
  /** AWS_ALLOW_HTTP: permits an endpoint without TLS. */
  readonly allowHttp: boolean
  /** Default: true where an endpoint is given. */
  readonly forcePathStyle?: boolean | undefined
  /** Connections at a time; default 50. */
  readonly maxSockets?: number | undefined
  /** Default 5000. */
  readonly connectionTimeoutMs?: number | undefined
  /** Until an answer begins, and between two pieces of it; a body sent adds to it. Default 30000. */
  readonly requestTimeoutMs?: number | undefined
}

/** The slowest upload that is waited for. */
const uploadBytesPerMsMin = 256

/** An open client, and the SDK whose commands it sends. */
export interface OpenS3 {
  readonly sdk: S3Sdk
  readonly client: S3Client
}

/** One SDK client, opened by the first call: every call is tried once, timed, and its answer's Date remembered. */
export class S3Connection {
  readonly #settings: S3Settings
  readonly #clock: Clock
  readonly #requestTimeoutMs: number
  readonly #answeredMs = new WeakMap<object, number>()
  #opened: Promise<OpenS3> | undefined
  #newestAnswerMs: number | undefined

  constructor(settings: S3Settings, clock: Clock) {
    requireTls(settings.endpoint, settings.allowHttp)
    this.#settings = settings
    this.#clock = clock
    this.#requestTimeoutMs = settings.requestTimeoutMs ?? 30_000
  }

  /** `bodyBytes`: what is sent, which the timeout allows for. Throws the vendor's error, and `store/no-sdk` (internal). */
  async call<Output extends object>(
    respond: (s3: OpenS3, options: { requestTimeout: number }) => Promise<Output>,
    bodyBytes = 0,
  ): Promise<{ readonly output: Output; readonly storeTimeMs: number }> {
    const requestTimeout = this.#requestTimeoutMs + Math.ceil(bodyBytes / uploadBytesPerMsMin)
    this.#opened ??= this.#open()
    const output = await respond(await this.#opened, { requestTimeout })
    return { output, storeTimeMs: this.#answeredMs.get(output) ?? this.#clock.nowMs() }
  }

  newestAnswerMs(): number | undefined {
    return this.#newestAnswerMs
  }

  async close(): Promise<void> {
    const opened = await this.#opened?.catch(() => undefined)
    opened?.client.destroy()
  }

  async #open(): Promise<OpenS3> {
    const settings = this.#settings
    const { sdk, NodeHttpHandler } = await loadS3Sdk()
    const requestHandler = new NodeHttpHandler(handlerOptions(settings, this.#requestTimeoutMs))
    const client = new sdk.S3Client({ ...clientConfig(settings), requestHandler })
    client.middlewareStack.add(
      (next) => async (args) => {
        // An endpoint can also come from the SDK's own files.
        requireTls(requestOrigin(args.request), settings.allowHttp)
        try {
          const result = await next(args)
          const storeTimeMs = this.#noteAnswer(result.response)
          if (result.output !== undefined) this.#answeredMs.set(result.output, storeTimeMs)
          return result
        } catch (error) {
          if (error instanceof Error && '$response' in error) this.#noteAnswer(error.$response)
          throw error
        }
      },
      { step: 'deserialize', priority: 'high', name: 'storeClock' },
    )
    client.middlewareStack.add(
      (next) => async (args) => {
        signWithOwnHash(args.request)
        return await next(args)
      },
      { step: 'build', name: 'bodyHash' },
    )
    return { sdk, client }
  }

  #noteAnswer(response: unknown): number {
    const dateMs = Date.parse(dateHeader(response))
    const answeredMs = Number.isNaN(dateMs) ? this.#clock.nowMs() : dateMs
    this.#newestAnswerMs = answeredMs
    return answeredMs
  }
}

function clientConfig(settings: S3Settings): S3ClientConfig {
  const { endpoint, credentials } = settings
  return {
    region: settings.region,
    ...(endpoint === undefined ? {} : { endpoint }),
    forcePathStyle: settings.forcePathStyle ?? endpoint !== undefined,
    ...(credentials === undefined ? {} : { credentials: askedEachTime(credentials) }),
    // Many compatible stores refuse the checksums that the SDK adds by itself.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // A second try inside the SDK would answer 412 to the success of the first; RetryingStore decides instead.
    maxAttempts: 1,
    // With it the SDK opens a connection of its own for each large body, outside maxSockets.
    expectContinueHeader: false,
    logger: silent,
  }
}

function handlerOptions(settings: S3Settings, requestTimeoutMs: number): NodeHttpHandlerOptions {
  const sockets = { keepAlive: true, maxSockets: settings.maxSockets ?? 50 }
  return {
    connectionTimeout: settings.connectionTimeoutMs ?? 5_000,
    requestTimeout: requestTimeoutMs,
    socketTimeout: requestTimeoutMs,
    throwOnRequestTimeout: true,
    httpAgent: sockets,
    httpsAgent: settings.ca === undefined ? sockets : { ...sockets, ca: settings.ca },
    logger: silent,
  }
}

/** Marked as memoized, or the SDK would keep the first answer for good: credentials without an expiry date never expire to it. */
function askedEachTime(credentials: NonNullable<S3Settings['credentials']>) {
  const ask = async () => {
    const { accessKeyId, secretAccessKey, sessionToken } =
      typeof credentials === 'function' ? await credentials() : credentials
    return { accessKeyId, secretAccessKey, ...(sessionToken === undefined ? {} : { sessionToken }) }
  }
  return Object.assign(ask, { memoized: true })
}

const silent = { trace: ignore, debug: ignore, info: ignore, warn: ignore, error: ignore }

function ignore(): void {}

function requireTls(url: string | undefined, allowHttp: boolean): void {
  if (allowHttp || url?.startsWith('http:') !== true) return
  const message =
    'AWS_ENDPOINT_URL is plain http, which shows every event to the network; use https or set AWS_ALLOW_HTTP=true'
  throw new SiltError('invalid', 'store/http-not-allowed', message)
}

/** A stream that came without its hash would be signed as `UNSIGNED-PAYLOAD`, and the store could not tell what was spoilt on the way. */
function signWithOwnHash(request: unknown): void {
  if (typeof request !== 'object' || request === null || !('body' in request) || !('headers' in request)) return
  const { body, headers } = request
  if (!(body instanceof HashedBody) || typeof headers !== 'object' || headers === null) return
  Reflect.set(headers, 'x-amz-content-sha256', body.sha256)
}

function requestOrigin(request: unknown): string | undefined {
  if (typeof request !== 'object' || request === null || !('protocol' in request)) return undefined
  return typeof request.protocol === 'string' ? request.protocol : undefined
}

function dateHeader(response: unknown): string {
  if (typeof response !== 'object' || response === null || !('headers' in response)) return ''
  const headers: unknown = response.headers
  if (typeof headers !== 'object' || headers === null || !('date' in headers)) return ''
  return typeof headers.date === 'string' ? headers.date : ''
}
