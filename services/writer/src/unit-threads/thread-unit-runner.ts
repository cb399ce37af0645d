import { assert, SiltError } from '@silt/core'
import { loadPlane } from '@silt/dataplane/load'
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
  /** Asked by a thread at every connection of its source: by what it is secured. The answer is cloned; what it throws the connection fails with. */
  readonly security?: () => unknown
  readonly watch?: Partial<UnitThreadsWatch>
}

/** What is told of the threads, each whenever it may have changed. */
export interface UnitThreadsWatch {
  /** How many have a unit. */
  onBusy(threads: number): void
  /** Memory the data plane of the thread with most of it has touched. */
  onTouched(bytes: number): void
  /** One has died, or has let go of its memory. */
  onReplaced(): void
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
    loadPlane()
    this.#options = options
  }

  async run(order: UnitOrder, hear: UnitListener, signal: AbortSignal): Promise<RanUnit> {
    if (this.#isClosed) throw new SiltError('unavailable', 'encoder/died', 'the unit threads were closed')
    signal.throwIfAborted()
    const running = this.#leastBusy().run(order, hear, signal)
    this.#tell()
    try {
      return await running
    } finally {
      this.#tell()
    }
  }

  /** Ends the threads; what runs there fails with `encoder/died`. */
  async close(): Promise<void> {
    this.#isClosed = true
    await Promise.all(this.#threads.splice(0).map((thread) => thread.end()))
  }

  #tell(): void {
    this.#buryDead()
    const { onBusy, onTouched } = this.#options.watch ?? {}
    onBusy?.(this.#threads.filter(({ runCount }) => runCount > 0).length)
    onTouched?.(Math.max(0, ...this.#threads.map(({ touchedBytes }) => touchedBytes)))
  }

  #buryDead(): void {
    const dead = this.#threads.filter(({ isDead }) => isDead)
    this.#threads = this.#threads.filter(({ isDead }) => !isDead)
    for (const _ of dead) this.#options.watch?.onReplaced?.()
  }

  #leastBusy(): UnitThread {
    this.#buryDead()
    const [first] = [...this.#threads].sort((a, b) => a.runCount - b.runCount)
    if (first !== undefined && (first.runCount === 0 || this.#threads.length >= this.#options.threads)) return first
    const { module, workerData, heapMiBMax, watch, security = () => ({}) } = this.#options
    const onRenewed = (): void => watch?.onReplaced?.()
    const thread = new UnitThread({ module, workerData, heapMiBMax, security, onRenewed })
    this.#threads.push(thread)
    return thread
  }
}
