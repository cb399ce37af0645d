import { assert, SiltError } from '@silt/core'
import type { EncodeChannel, EncodeListener } from './encode-channel.ts'
import { thrownError, type EncodeReply, type EncodeRequest } from './encode-messages.ts'

type Asked = Exclude<EncodeRequest, { kind: 'abandon' }>

interface Waiting {
  readonly request: Pick<Asked, 'kind' | 'session'>
  readonly resolve: (reply: EncodeReply) => void
  readonly reject: (error: SiltError) => void
}

/** What decodes: a record at fault shows here and nowhere else. */
const decodingKinds: ReadonlySet<Asked['kind']> = new Set(['push', 'finish'])

/**
 * An encoder that runs elsewhere and the requests it owes an answer, in order. Once dead it stays dead. It is dead as well once the decoder threw
 * what only a bug throws (a trap): what such a one answers later is worth nothing.
 */
export class EncodeHost {
  readonly #channel: EncodeChannel
  readonly #waiting: Waiting[] = []
  #death: { readonly why: string; readonly cause: unknown; readonly culprit: number | undefined } | undefined
  /** The session that decoded last and may have left what kills later. */
  #lastDecoding: number | undefined

  constructor(open: (listener: EncodeListener) => EncodeChannel) {
    this.#channel = open({
      onReply: (reply) => this.#answered(reply),
      onEnd: (how, cause) => this.#ended(how, cause),
    })
    this.#channel.unref()
  }

  get isDead(): boolean {
    return this.#death !== undefined
  }

  /** Rejects with the session's error, `encoder/crashed` (data) or `encoder/died` (unavailable). */
  ask(request: Asked): Promise<EncodeReply> {
    if (this.#death !== undefined) return Promise.reject(this.#deathOf(request.session))
    return new Promise((resolve, reject) => {
      const { kind, session } = request
      this.#waiting.push({ request: { kind, session }, resolve, reject })
      this.#channel.ref()
      this.#channel.post(request)
    })
  }

  tell(request: Extract<EncodeRequest, { kind: 'abandon' }>): void {
    if (this.#lastDecoding === request.session) this.#lastDecoding = undefined
    if (this.#death === undefined) this.#channel.post(request)
  }

  async end(): Promise<void> {
    this.#die('the encoder was closed', undefined, undefined)
    await this.#channel.end()
  }

  #answered(reply: EncodeReply): void {
    // What was on its way when it was given up: its callers have heard of the death.
    if (this.#death !== undefined) return
    const first = this.#waiting[0]
    assert(first !== undefined && first.request.session === reply.session, 'answers come in the order of the requests')
    if (reply.kind === 'failed' && reply.error.kind === 'internal') {
      const culprit = this.#culprit()
      this.#die(`the decoder failed: ${reply.error.message}`, thrownError(reply.error), culprit)
      void this.#channel.end()
      return
    }
    this.#waiting.shift()
    this.#lastDecoding = reply.kind === 'pushed' ? reply.session : undefined
    if (this.#waiting.length === 0) this.#channel.unref()
    if (reply.kind === 'failed') first.reject(thrownError(reply.error))
    else first.resolve(reply)
  }

  #ended(how: string, cause: unknown): void {
    const because = cause instanceof Error ? `: ${cause.message}` : ''
    this.#die(`${how}${because}`, cause, this.#culprit())
  }

  /** The session whose request was at work, or, with none at work, the one that decoded last. */
  #culprit(): number | undefined {
    const first = this.#waiting[0]
    if (first === undefined) return this.#lastDecoding
    return decodingKinds.has(first.request.kind) ? first.request.session : undefined
  }

  #die(why: string, cause: unknown, culprit: number | undefined): void {
    if (this.#death !== undefined) return
    this.#death = { why, cause, culprit }
    for (const { request, reject } of this.#waiting.splice(0)) reject(this.#deathOf(request.session))
  }

  #deathOf(session: number): SiltError {
    assert(this.#death !== undefined, 'it is dead')
    const { why, cause, culprit } = this.#death
    return session === culprit
      ? new SiltError('data', 'encoder/crashed', why, { cause })
      : new SiltError('unavailable', 'encoder/died', why, { cause })
  }
}
