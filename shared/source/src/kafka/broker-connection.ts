import { connect as connectPlain, isIP, type OnReadOpts, type Socket } from 'node:net'
import { connect as connectTls, type ConnectionOptions as TlsOptions } from 'node:tls'
import { SiltError, tlsFault, tlsRemedy } from '@silt/core'
import type { Clock, Random, TlsSettingNames } from '@silt/core'
import { authenticate } from './authenticate.ts'
import type { BrokerAddress, ConnectionSecurity, KafkaConnectionOptions } from './kafka-options.ts'
import type { AnswerMemory } from './landing/answer-memory.ts'
import { apiVersions } from './wire/api-versions.ts'
import type { ApiCall, ApiCaller } from './wire/api-call.ts'
import { ResponseFramer } from './wire/response-framer.ts'
import { WireReader } from './wire/wire-reader.ts'
import { WireWriter } from './wire/wire-writer.ts'

const STEP_TIMEOUT_MS = 5000
const INFLIGHT_MAX = 64
/** What comes after a failure goes here: the memory of answers is not the connection's any more. */
const discarded = Buffer.alloc(4096)
const tlsSettings: TlsSettingNames = {
  ca: 'KAFKA_SSL_CA',
  cert: 'KAFKA_SSL_CERT',
  key: 'KAFKA_SSL_KEY',
  address: 'KAFKA_BOOTSTRAP_SERVERS',
  protocol: 'KAFKA_SECURITY_PROTOCOL',
}

interface Inflight {
  readonly correlationId: number
  readonly resolve: (response: Buffer) => void
  readonly reject: (error: unknown) => void
  readonly memory?: AnswerMemory | undefined
}

/**
 * One socket to one broker: requests are answered in the order sent (the protocol's promise) and matched by correlation id.
 * Any failure ends the connection and rejects everything in flight; a new one is opened by whoever needs it.
 * The socket's bytes are read where the answer they belong to stays, in the caller's memory where it gives some.
 *
 * Bounds: no step without progress lasts longer than `stepTimeoutMs`; an answer is at most `responseBytesMax`.
 * Errors: `source/unavailable` (unavailable), `source/denied` (invalid), `source/unsupported` (unsupported).
 */
export class BrokerConnection implements ApiCaller {
  readonly address: BrokerAddress
  readonly #clientId: string
  readonly #socket: Socket
  readonly #stepTimeoutMs: number
  readonly #framer: ResponseFramer
  readonly #inflight: Inflight[] = []
  #versions: ReadonlyMap<number, { readonly min: number; readonly max: number }> = new Map()
  #correlationId = 0
  #failure: SiltError | undefined
  #expiresAtMs = Infinity
  #answered = 0

  /** Connects, authenticates and asks which API versions the broker speaks. */
  static async open(
    address: BrokerAddress,
    options: KafkaConnectionOptions & { readonly responseBytesMax: number },
    clock: Clock,
    random: Random,
  ): Promise<BrokerConnection> {
    const security = (await options.security?.()) ?? {}
    const connection = new BrokerConnection(address, options, security)
    try {
      await connection.#connected(security.tls !== undefined)
      if (security.sasl !== undefined) {
        const lifetimeMs = await authenticate(connection, security.sasl, random.uuid())
        // Renewed well before the broker would cut a session off in the middle of an answer.
        if (lifetimeMs > 0) connection.#expiresAtMs = clock.monotonicMs() + lifetimeMs * 0.8
      }
      const answer = await connection.call(apiVersions, undefined, 3)
      if (answer.errorCode !== 0) throw connection.#tooOld(apiVersions.name)
      connection.#versions = answer.versions
      return connection
    } catch (error) {
      connection.close()
      throw error
    }
  }

  private constructor(
    address: BrokerAddress,
    options: KafkaConnectionOptions & { readonly responseBytesMax: number },
    { tls }: ConnectionSecurity,
  ) {
    this.address = address
    this.#clientId = options.clientId
    this.#framer = new ResponseFramer(
      options.responseBytesMax,
      (sizeBytes) => this.#inflight[0]?.memory?.take(sizeBytes) ?? Buffer.allocUnsafeSlow(sizeBytes),
    )
    const onread: OnReadOpts = {
      buffer: () => (this.#failure === undefined ? this.#framer.target() : discarded),
      callback: (length) => this.#onBytes(length),
    }
    const target = { host: address.host, port: address.port, onread }
    const servername = isIP(address.host) === 0 ? { servername: address.host } : {}
    this.#socket = tls === undefined ? connectPlain(target) : this.#tlsSocket({ ...servername, ...tls, ...target })
    this.#socket.setNoDelay(true)
    this.#stepTimeoutMs = options.stepTimeoutMs ?? STEP_TIMEOUT_MS
    this.setPatience(0)
    this.#socket.on('timeout', () => this.#onIdle())
    this.#socket.on('error', (error) =>
      this.#fail(this.#refusal(error) ?? this.#away(`${error.message}${this.#hint(error)}`, error)),
    )
    this.#socket.on('close', () => this.#fail(this.#away(`connection closed${this.#hint()}`)))
  }

  /** Usable at `nowMs` (monotonic). */
  usable(nowMs: number): boolean {
    return this.#failure === undefined && nowMs < this.#expiresAtMs
  }

  /** Whether no answer is owed. */
  get idle(): boolean {
    return this.#inflight.length === 0
  }

  /** The newest version both sides speak. Errors: `source/unsupported` naming the API. */
  version(api: Pick<ApiCall<never, unknown>, 'name' | 'key' | 'versionMin' | 'versionMax'>): number {
    const broker = this.#versions.get(api.key)
    const version = Math.min(api.versionMax, broker?.max ?? -1)
    if (version < Math.max(api.versionMin, broker?.min ?? 0)) throw this.#tooOld(api.name)
    return version
  }

  async call<Request, Response>(
    api: ApiCall<Request, Response>,
    request: Request,
    version = this.version(api),
    memory?: AnswerMemory,
  ): Promise<Response> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#inflight.length >= INFLIGHT_MAX) throw this.#away(`${INFLIGHT_MAX} requests wait for an answer`)
    const correlationId = (this.#correlationId = (this.#correlationId + 1) & 0x7fffffff)
    const writer = new WireWriter().int32(0).int16(api.key).int16(version).int32(correlationId).string(this.#clientId)
    if (api.headers !== 'plain') writer.noTags()
    api.write(writer, request, version)
    const message = writer.bytes()
    message.writeInt32BE(message.length - 4, 0)
    const response = await new Promise<Buffer>((resolve, reject) => {
      this.#inflight.push({ correlationId, resolve, reject, memory })
      this.#socket.write(message)
    })
    const reader = new WireReader(response, 4)
    if (api.headers === 'flexible') reader.skipTags()
    return api.read(reader, version)
  }

  /** From now on an answer may take this much longer: some calls are answered only when others act. */
  setPatience(extraMs: number): void {
    this.#socket.setTimeout(this.#stepTimeoutMs + extraMs)
  }

  close(): void {
    this.#fail(this.#away('closed by us'))
  }

  async #connected(secure: boolean): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#inflight.push({ correlationId: -1, resolve: () => resolve(), reject })
      this.#socket.once(secure ? 'secureConnect' : 'connect', () => {
        this.#inflight.shift()
        resolve()
      })
    })
  }

  #onIdle(): void {
    // Silence is only a fault while an answer is owed.
    if (this.#inflight.length > 0) this.#fail(this.#away('no answer in time'))
  }

  #onBytes(length: number): boolean {
    try {
      const response = this.#failure === undefined ? this.#framer.advance(length) : undefined
      if (response !== undefined) this.#onResponse(response)
    } catch (error) {
      this.#fail(error instanceof SiltError ? error : this.#away('unreadable answer', error))
    }
    return true
  }

  #onResponse(response: Buffer): void {
    const waiting = this.#inflight.shift()
    const correlationId = response.readInt32BE(0)
    if (waiting === undefined || waiting.correlationId !== correlationId)
      throw this.#away(`answer ${correlationId} out of turn`)
    this.#answered++
    waiting.resolve(response)
  }

  #fail(error: SiltError): void {
    if (this.#failure !== undefined) return
    this.#failure = error
    this.#socket.destroy()
    for (const waiting of this.#inflight.splice(0)) waiting.reject(error)
  }

  #tlsSocket(options: TlsOptions): Socket {
    try {
      return connectTls(options)
    } catch (error) {
      throw this.#refusal(error) ?? this.#away('TLS cannot begin', error)
    }
  }

  /** A TLS fault, which trying again does not mend; undefined for whatever else broke the connection. */
  #refusal(error: unknown): SiltError | undefined {
    const code = error instanceof Error && 'code' in error ? String(error.code) : ''
    const fault = tlsFault(code)
    if (fault === undefined) return undefined
    const { host, port } = this.address
    const message = `Kafka broker ${host}:${port} cannot be reached by TLS: ${tlsRemedy(fault, tlsSettings)} (${code})`
    return new SiltError('invalid', 'source/denied', message, { context: { host, port, code } })
  }

  /** A broker that expects another protocol closes the connection without a word, at the latest after it has told its versions. */
  #hint(error?: Error): string {
    const silent = error === undefined || error.message.includes('before secure TLS connection')
    return silent && this.#answered <= 1 ? '; does this listener speak KAFKA_SECURITY_PROTOCOL?' : ''
  }

  #away(why: string, cause?: unknown): SiltError {
    const { host, port } = this.address
    return new SiltError('unavailable', 'source/unavailable', `Kafka broker ${host}:${port}: ${why}`, {
      context: { host, port },
      cause,
    })
  }

  #tooOld(api: string): SiltError {
    const { host, port } = this.address
    const message = `Kafka broker ${host}:${port} speaks no version of ${api} that Silt does; it needs Kafka 2.8 or newer`
    return new SiltError('unsupported', 'source/unsupported', message, { context: { host, port, api } })
  }
}
