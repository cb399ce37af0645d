import { SiltError, type EncodeSession, type EncodeSpec, type UnitEncoder } from '@silt/core'
import type { RowDecoderLimits } from '@silt/rows'
import { processChannel } from './encode-channel.ts'
import { EncodeHost } from './encode-host.ts'
import { RemoteSession } from './remote-session.ts'

const processModule = new URL('./encode-process.ts', import.meta.url)
const slabsInFlightMax = 4

export interface ProcessEncoderOptions {
  readonly limits?: RowDecoderLimits
  /** Heap of the process, MiB. Default: Node's own. */
  readonly heapMiBMax?: number
  /** All of its environment. Default: none. */
  readonly environment?: Readonly<Record<string, string>>
  /** What the process runs. Default: `encode-process.ts`; tests hand in one that dies. */
  readonly module?: URL
}

/**
 * Encodes each session in a fresh process that nothing else runs in, one at a time: for units over which a decoder died. Its `encoder/crashed` says
 * that decoding this session, and nothing else, ended that process. `open` waits for the session before it to end.
 */
export class ProcessEncoder implements UnitEncoder {
  readonly #options: ProcessEncoderOptions
  readonly #hosts = new Set<EncodeHost>()
  #turn: Promise<void> = Promise.resolve()
  #isClosed = false

  constructor(options: ProcessEncoderOptions = {}) {
    this.#options = options
  }

  async open(spec: EncodeSpec): Promise<EncodeSession> {
    const mine = Promise.withResolvers<void>()
    const before = this.#turn
    this.#turn = before.then(() => mine.promise)
    await before
    if (this.#isClosed) {
      mine.resolve()
      throw new SiltError('unavailable', 'encoder/died', 'the encoder was closed')
    }
    const host = this.#start()
    const session = new RemoteSession(host, 0, slabsInFlightMax, () => {
      void host.end().finally(() => {
        this.#hosts.delete(host)
        mine.resolve()
      })
    })
    await session.begin(spec)
    return session
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all([...this.#hosts].map((host) => host.end()))
  }

  #start(): EncodeHost {
    const { module = processModule, limits = {}, heapMiBMax, environment = {} } = this.#options
    const host = new EncodeHost((hear) => processChannel({ module, limits, heapMiBMax, environment }, hear))
    this.#hosts.add(host)
    return host
  }
}
