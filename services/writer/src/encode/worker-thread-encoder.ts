import { assert, SiltError, type EncodeSession, type EncodeSpec, type UnitEncoder } from '@silt/core'
import { loadPlane } from '@silt/dataplane'
import type { RowDecoderLimits } from '@silt/rows'
import { threadChannel } from './encode-channel.ts'
import { EncodeHost } from './encode-host.ts'
import { RemoteSession } from './remote-session.ts'

const workerModule = new URL('./encode-worker.ts', import.meta.url)

export interface WorkerThreadEncoderOptions {
  /** WRITER_THREADS. */
  readonly threads: number
  readonly limits?: RowDecoderLimits
  /** Slabs of one session on their way to its thread; `push` waits beyond it. Default 4. */
  readonly slabsInFlightMax?: number
  /** Heap of one thread, MiB; beyond it the thread dies instead of the process. Default: Node's own. */
  readonly heapMiBMax?: number
  /** Hears how many threads have a session, whenever that may have changed. */
  readonly onBusy?: (threads: number) => void
  /** What a thread runs. Default: `encode-worker.ts`; tests hand in one that dies. */
  readonly module?: URL
}

/**
 * Encodes in a pool of worker threads, started when first needed. A session stays on one thread; a thread takes several (a second unit's fetch
 * overlaps the first one's encoding). A thread that dies fails the session it was at work for with `encoder/crashed` (data), the others with
 * `encoder/died` (unavailable), and is replaced at the next `open`.
 * Sessions open at once are bounded by the caller.
 *
 * Errors of the constructor: what `loadPlane` throws where the data plane is not compiled, which would fail every unit.
 */
export class WorkerThreadEncoder implements UnitEncoder {
  readonly #options: WorkerThreadEncoderOptions
  #threads: EncodeHost[] = []
  #sessions = 0
  #isClosed = false

  constructor(options: WorkerThreadEncoderOptions) {
    assert(options.threads >= 1, 'an encoder has at least one thread')
    loadPlane()
    this.#options = options
  }

  async open(spec: EncodeSpec): Promise<EncodeSession> {
    if (this.#isClosed) throw new SiltError('unavailable', 'encoder/died', 'the encoder was closed')
    const thread = this.#leastBusy()
    const slabsInFlightMax = this.#options.slabsInFlightMax ?? 4
    const session = new RemoteSession(thread, this.#sessions++, slabsInFlightMax, () => this.#tellBusy())
    this.#tellBusy()
    await session.begin(spec)
    return session
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#threads.map((thread) => thread.end()))
    this.#threads = []
  }

  #tellBusy(): void {
    this.#options.onBusy?.(this.#threads.filter((thread) => !thread.isDead && thread.sessionCount > 0).length)
  }

  #leastBusy(): EncodeHost {
    this.#threads = this.#threads.filter((thread) => !thread.isDead)
    const idle = this.#threads.find((thread) => thread.sessionCount === 0)
    if (idle !== undefined) return idle
    if (this.#threads.length < this.#options.threads) {
      const { module = workerModule, limits = {}, heapMiBMax } = this.#options
      const thread = new EncodeHost((hear) => threadChannel({ module, limits, heapMiBMax }, hear))
      this.#threads.push(thread)
      return thread
    }
    const [first] = [...this.#threads].sort((a, b) => a.sessionCount - b.sessionCount)
    assert(first !== undefined, 'the pool has a thread')
    return first
  }
}
