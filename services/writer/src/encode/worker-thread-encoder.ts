import {
  assert,
  SiltError,
  type EncodedUnit,
  type EncodeSession,
  type EncodeSpec,
  type OffsetRange,
  type RecordSlab,
  type UnitEncoder,
} from '@silt/core'
import type { RowDecoderLimits } from '@silt/rows'
import { transferableSlab } from './encode-messages.ts'
import { EncodeThread } from './encode-thread.ts'

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
 * overlaps the first one's encoding). A thread that dies fails its sessions with `encoder/died` (unavailable) and is replaced at the next `open`.
 * Sessions open at once are bounded by the caller.
 */
export class WorkerThreadEncoder implements UnitEncoder {
  readonly #options: WorkerThreadEncoderOptions
  #threads: EncodeThread[] = []
  #sessions = 0
  #isClosed = false

  constructor(options: WorkerThreadEncoderOptions) {
    assert(options.threads >= 1, 'an encoder has at least one thread')
    this.#options = options
  }

  async open(spec: EncodeSpec): Promise<EncodeSession> {
    if (this.#isClosed) throw new SiltError('unavailable', 'encoder/died', 'the encoder was closed')
    const thread = this.#leastBusy()
    const slabsInFlightMax = this.#options.slabsInFlightMax ?? 4
    const session = new ThreadSession(thread, this.#sessions++, slabsInFlightMax, () => this.#tellBusy())
    this.#tellBusy()
    await session.begin(spec)
    return session
  }

  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#threads.map((thread) => thread.terminate()))
    this.#threads = []
  }

  #tellBusy(): void {
    this.#options.onBusy?.(this.#threads.filter((thread) => !thread.isDead && thread.sessionCount > 0).length)
  }

  #leastBusy(): EncodeThread {
    this.#threads = this.#threads.filter((thread) => !thread.isDead)
    const idle = this.#threads.find((thread) => thread.sessionCount === 0)
    if (idle !== undefined) return idle
    if (this.#threads.length < this.#options.threads) {
      const thread = new EncodeThread(
        this.#options.module ?? workerModule,
        this.#options.limits ?? {},
        this.#options.heapMiBMax,
      )
      this.#threads.push(thread)
      return thread
    }
    const [first] = [...this.#threads].sort((a, b) => a.sessionCount - b.sessionCount)
    assert(first !== undefined, 'the pool has a thread')
    return first
  }
}

class ThreadSession implements EncodeSession {
  readonly #thread: EncodeThread
  readonly #session: number
  readonly #slabsInFlightMax: number
  readonly #onEnd: () => void
  readonly #pushes = new Set<Promise<void>>()
  #room: 'more' | 'full' = 'more'
  #failure: { readonly error: unknown } | undefined
  #isEnded = false

  constructor(thread: EncodeThread, session: number, slabsInFlightMax: number, onEnd: () => void) {
    this.#thread = thread
    this.#session = session
    this.#slabsInFlightMax = slabsInFlightMax
    this.#onEnd = onEnd
    thread.sessionCount++
  }

  async begin(spec: EncodeSpec): Promise<void> {
    try {
      await this.#thread.ask({ kind: 'open', session: this.#session, spec })
    } catch (error) {
      this.#end()
      throw error
    }
  }

  async push(slab: RecordSlab): Promise<'more' | 'full'> {
    while (this.#pushes.size >= this.#slabsInFlightMax) await Promise.race(this.#pushes)
    this.#throwFailure()
    const ready = transferableSlab(slab)
    const pushed = this.#thread
      .ask({ kind: 'push', session: this.#session, slab: ready.slab }, ready.transfer)
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

  async finish(ranges: readonly OffsetRange[]): Promise<EncodedUnit> {
    await Promise.all(this.#pushes)
    this.#throwFailure()
    const reply = await this.#thread.ask({ kind: 'finish', session: this.#session, ranges })
    this.#end()
    assert(reply.kind === 'finished', 'finish is answered by its unit')
    return reply.unit
  }

  abandon(): void {
    if (this.#isEnded) return
    this.#end()
    this.#thread.tell({ kind: 'abandon', session: this.#session })
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error
  }

  #end(): void {
    if (this.#isEnded) return
    this.#isEnded = true
    this.#thread.sessionCount--
    this.#onEnd()
  }
}
