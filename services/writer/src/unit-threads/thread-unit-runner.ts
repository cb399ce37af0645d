import { assert, SiltError } from '@silt/core'
import type { RanUnit, UnitListener, UnitOrder, UnitRunner } from '../unit-runner.ts'
import { UnitThread } from './unit-thread.ts'

export interface ThreadUnitRunnerOptions {
  /** WRITER_THREADS. */
  readonly threads: number
  /** What a thread runs: it serves units (`serveUnits`), with a source of its own. */
  readonly module: URL
  /** What it is handed; cloned, and no place for secrets. */
  readonly workerData?: unknown
  /** Heap of one thread, MiB; beyond it the thread dies instead of the process. Default: Node's own. */
  readonly heapMiBMax?: number
  /** Hears how many threads have a unit, whenever that may have changed. */
  readonly onBusy?: (threads: number) => void
}

/**
 * Runs units whole, from reading to files, in a pool of worker threads, started when first needed. A thread takes several units (one is read while
 * another waits for its broker). A thread that dies takes its units with it and is replaced at the next. Units at once are bounded by the caller, and
 * with them what is held: no byte of a unit is on the calling thread before its files are.
 */
export class ThreadUnitRunner implements UnitRunner {
  readonly #options: ThreadUnitRunnerOptions
  #threads: UnitThread[] = []
  #isClosed = false

  constructor(options: ThreadUnitRunnerOptions) {
    assert(options.threads >= 1, 'a runner has at least one thread')
    this.#options = options
  }

  async run(order: UnitOrder, hear: UnitListener, signal: AbortSignal): Promise<RanUnit> {
    if (this.#isClosed) throw new SiltError('unavailable', 'encoder/died', 'the unit threads were closed')
    signal.throwIfAborted()
    const running = this.#leastBusy().run(order, hear, signal)
    this.#tellBusy()
    try {
      return await running
    } finally {
      this.#tellBusy()
    }
  }

  /** Ends the threads; what runs there fails with `encoder/died`. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#threads.map((thread) => thread.end()))
    this.#threads = []
  }

  #tellBusy(): void {
    this.#options.onBusy?.(this.#threads.filter((thread) => !thread.isDead && thread.runCount > 0).length)
  }

  #leastBusy(): UnitThread {
    this.#threads = this.#threads.filter((thread) => !thread.isDead)
    const [first] = [...this.#threads].sort((a, b) => a.runCount - b.runCount)
    if (first !== undefined && (first.runCount === 0 || this.#threads.length >= this.#options.threads)) return first
    const { module, workerData, heapMiBMax } = this.#options
    const thread = new UnitThread({ module, workerData, heapMiBMax })
    this.#threads.push(thread)
    return thread
  }
}
