import {
  assert,
  type EncodedUnit,
  type EncodeSession,
  type EncodeSpec,
  type OffsetRange,
  type RecordSlab,
} from '@silt/core'
import type { EncodeHost } from './encode-host.ts'

/** A session of an encoder that runs elsewhere. */
export class RemoteSession implements EncodeSession {
  readonly #host: EncodeHost
  readonly #session: number
  readonly #slabsInFlightMax: number
  readonly #onEnd: () => void
  readonly #pushes = new Set<Promise<void>>()
  #room: 'more' | 'full' = 'more'
  #failure: { readonly error: unknown } | undefined
  #isEnded = false

  /** `slabsInFlightMax`: slabs on their way; `push` waits beyond it. `onEnd` is called once, however it ends. */
  constructor(host: EncodeHost, session: number, slabsInFlightMax: number, onEnd: () => void) {
    this.#host = host
    this.#session = session
    this.#slabsInFlightMax = slabsInFlightMax
    this.#onEnd = onEnd
  }

  async begin(spec: EncodeSpec): Promise<void> {
    try {
      await this.#host.ask({ kind: 'open', session: this.#session, spec })
    } catch (error) {
      this.#end()
      throw error
    }
  }

  async push(slab: RecordSlab): Promise<'more' | 'full'> {
    while (this.#pushes.size >= this.#slabsInFlightMax) await Promise.race(this.#pushes)
    this.#throwFailure()
    requireWhole(slab)
    const pushed = this.#host
      .ask({ kind: 'push', session: this.#session, slab })
      .then(
        (reply) => {
          if (reply.kind === 'pushed' && reply.room === 'full') this.#room = 'full'
        },
        (error: unknown) => {
          this.#failure ??= { error }
        },
      )
      .finally(() => this.#pushes.delete(pushed))
    this.#pushes.add(pushed)
    return this.#room
  }

  async condemn(slab: RecordSlab, detail: string): Promise<void> {
    requireWhole(slab)
    await this.#host.ask({ kind: 'condemn', session: this.#session, slab, detail })
  }

  async finish(ranges: readonly OffsetRange[]): Promise<EncodedUnit> {
    await Promise.all(this.#pushes)
    this.#throwFailure()
    const reply = await this.#host.ask({ kind: 'finish', session: this.#session, ranges })
    this.#end()
    assert(reply.kind === 'finished', 'finish is answered by its unit')
    return reply.unit
  }

  abandon(): void {
    if (this.#isEnded) return
    this.#host.tell({ kind: 'abandon', session: this.#session })
    this.#end()
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#onEnd()
  }
}

/** Of a slab within a larger memory all of that would be sent. */
function requireWhole({ sizeBytes, bytes }: RecordSlab): void {
  assert(sizeBytes === bytes.byteLength, 'a slab in memory that holds more is not sent anywhere')
}
