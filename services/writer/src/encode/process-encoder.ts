import { SiltError, type Clock, type EncodeSession, type EncodeSpec, type UnitEncoder } from '@silt/core'
import type { RowDecoderLimits } from '@silt/rows'
import { processChannel } from './encode-channel.ts'
import { forkFault } from './fork-fault.ts'
import { EncodeHost } from './encode-host.ts'
import { RemoteSession } from './remote-session.ts'

const processModule = new URL('./encode-process.ts', import.meta.url)
const slabsInFlightMax = 4
const idleMsMax = 5000

export interface ProcessEncoderOptions {
  readonly clock: Clock
  readonly limits?: RowDecoderLimits
  /** Heap of the process, MiB. Default: Node's own. */
  readonly heapMiBMax?: number
  /** All of its environment. Default: none. */
  readonly environment?: Readonly<Record<string, string>>
  /** What the process runs. Default: `encode-process.ts`; tests hand in one that dies. */
  readonly module?: URL
}

/**
 * Encodes in a process of its own, one session at a time and nothing beside it: for units over which a decoder died. Its `encoder/crashed` says
 * that decoding this session ended that process. `open` waits for the session before it to end. A process that has lived through a session serves
 * the next ones, and ends after `idleMsMax` without one.
 */
export class ProcessEncoder implements UnitEncoder {
  readonly #options: ProcessEncoderOptions
  readonly #closed = new AbortController()
  #turn: Promise<void> = Promise.resolve()
  #host: EncodeHost | undefined
  #sessions = 0

  constructor(options: ProcessEncoderOptions) {
    this.#options = options
  }

  async open(spec: EncodeSpec): Promise<EncodeSession> {
    const mine = Promise.withResolvers<void>()
    const before = this.#turn
    this.#turn = before.then(() => mine.promise)
    await before
    if (this.#closed.signal.aborted) {
      mine.resolve()
      throw new SiltError('unavailable', 'encoder/died', 'the encoder was closed')
    }
    const host = this.#hostFor(mine.resolve)
    const number = this.#sessions++
    const session = new RemoteSession(host, number, slabsInFlightMax, () => {
      mine.resolve()
      void this.#endIfIdle(host, number)
    })
    await session.begin(spec)
    return session
  }

  async close(): Promise<void> {
    this.#closed.abort()
    await this.#host?.end()
  }

  /** Where no process can be made (`forkFault`), the turn goes to the next: `encoder/died`. */
  #hostFor(giveUpTurn: () => void): EncodeHost {
    if (this.#host?.isDead === false) return this.#host
    try {
      return this.#start()
    } catch (cause) {
      giveUpTurn()
      const why = cause instanceof Error ? cause.message : String(cause)
      throw new SiltError('unavailable', 'encoder/died', `${forkFault(cause)}: ${why}`, { cause })
    }
  }

  #start(): EncodeHost {
    const { module = processModule, limits = {}, heapMiBMax, environment = {} } = this.#options
    this.#host = new EncodeHost((hear) => processChannel({ module, limits, heapMiBMax, environment }, hear))
    return this.#host
  }

  async #endIfIdle(host: EncodeHost, lastSession: number): Promise<void> {
    await this.#options.clock.sleep(idleMsMax, this.#closed.signal)
    if (this.#sessions === lastSession + 1 && this.#host === host) await host.end()
  }
}
