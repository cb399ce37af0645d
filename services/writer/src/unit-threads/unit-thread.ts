import { Worker } from 'node:worker_threads'
import { SiltError, type EncodedUnit } from '@silt/core'
import { endThread } from '../encode/end-thread.ts'
import { thrownError, transferableFiles } from '../encode/encode-messages.ts'
import type { RanUnit, UnitListener, UnitOrder } from '../unit-runner.ts'
import { SharedTrail } from './shared-trail.ts'
import { plainAnswer, ranUnit, type UnitReply, type UnitRequest } from './unit-messages.ts'

/**
 * What a thread's heap keeps before it looks for garbage. Small objects there hold what columns of decoded records grew in, outside of the heap: by Node's
 * own measure two threads that met nothing but bad records held 700 MiB, by this one 450, for the same time of the processor.
 */
const youngMiBMax = 8

interface Running {
  readonly trail: SharedTrail
  /** Marks of the trail that were told of. */
  told: number
  readonly hear: UnitListener
  readonly resolve: (ran: RanUnit) => void
  readonly reject: (error: Error) => void
}

export interface UnitThreadOptions {
  /** What the thread runs: it serves units (`serveUnits`). */
  readonly module: URL
  readonly workerData: unknown
  /** Heap, MiB; beyond it the thread dies instead of the process. Undefined: Node's own. */
  readonly heapMiBMax: number | undefined
  /** Asked by what the next connection of the thread's source is secured; the answer is cloned. */
  readonly security: () => unknown
  /** Hears when the thread has let go of its memory. */
  readonly onRenewed: () => void
}

/**
 * A thread and the units it runs. Once dead it stays dead; it is dead as well once a run failed as only a bug lets it fail. The unit it last did
 * something for has crashed then: it may be another one's fault, of which nothing worse comes than that it is decoded apart.
 */
export class UnitThread {
  readonly #worker: Worker
  readonly #options: UnitThreadOptions
  /** By the number of the run. */
  readonly #running = new Map<number, Running>()
  #error: unknown
  #death: { readonly why: string; readonly cause: unknown } | undefined
  #runs = 0
  #touchedBytes = 0

  constructor(options: UnitThreadOptions) {
    const { module, workerData, heapMiBMax } = options
    this.#options = options
    this.#worker = new Worker(module, {
      workerData,
      resourceLimits: {
        maxYoungGenerationSizeMb: youngMiBMax,
        ...(heapMiBMax === undefined ? {} : { maxOldGenerationSizeMb: heapMiBMax }),
      },
    })
    this.#worker.on('message', (reply: UnitReply) => this.#heard(reply))
    this.#worker.on('error', (error: unknown) => (this.#error = error))
    // What it said before is heard before this, which an error is not; what it wrote into trails is there.
    this.#worker.on('exit', (exitCode) => {
      const because = this.#error instanceof Error ? `: ${this.#error.message}` : ''
      this.#die(`a unit thread exited with ${exitCode}${because}`, this.#error, this.#lastDone())
    })
    this.#worker.unref()
  }

  get isDead(): boolean {
    return this.#death !== undefined
  }

  /** Memory its units have used and that it keeps, as far as it has told. */
  get touchedBytes(): number {
    return this.#touchedBytes
  }

  /** Units at work, those included that were aborted and have not ended yet. */
  get runCount(): number {
    return this.#running.size
  }

  /** Resolves and rejects as a UnitRunner; aborted, at once, whatever the thread does. */
  run(order: UnitOrder, hear: UnitListener, signal: AbortSignal): Promise<RanUnit> {
    const run = this.#runs++
    return new Promise((resolve, reject) => {
      const trail = new SharedTrail()
      const abort = (): void => {
        this.#post({ kind: 'abort', run })
        const reason: unknown = signal.reason
        reject(reason instanceof Error ? reason : new Error(String(reason)))
      }
      const ended = (): void => signal.removeEventListener('abort', abort)
      this.#running.set(run, {
        trail,
        told: 0,
        hear,
        resolve: (ran) => {
          ended()
          resolve(ran)
        },
        reject: (error) => {
          ended()
          reject(error)
        },
      })
      signal.addEventListener('abort', abort, { once: true })
      this.#worker.ref()
      this.#post({ kind: 'run', run, order, trail: trail.memory })
    })
  }

  /** Ends it soon, whatever it does: what runs there has died. */
  async end(): Promise<void> {
    this.#die('the unit threads were closed', undefined, undefined)
    await endThread(this.#worker)
  }

  #post(request: UnitRequest, transfer: ArrayBuffer[] = []): void {
    if (this.#death === undefined) this.#worker.postMessage(request, transfer)
  }

  /** The memory of files goes to and fro: what is let go of here is collected here, at more cost than a thread's. */
  #giveBack(unit: EncodedUnit): void {
    const buffers = transferableFiles(unit)
    this.#post({ kind: 'file-memory', buffers }, buffers)
  }

  #heard(reply: UnitReply): void {
    switch (reply.kind) {
      case 'security?':
        return void this.#answer(reply.ask)
      case 'touched':
        this.#touchedBytes = reply.touchedBytes
        return
      case 'renewed':
        this.#touchedBytes = 0
        this.#options.onRenewed()
        return
      case 'slab':
      case 'finished':
      case 'failed':
        this.#heardOf(reply)
    }
  }

  /** Nobody waits for it in a thread that has been asked to end. */
  async #answer(ask: number): Promise<void> {
    const answer = await plainAnswer(this.#options.security)
    this.#post({ kind: 'security', ask, answer })
  }

  #heardOf(reply: Extract<UnitReply, { run: number }>): void {
    const { run } = reply
    const running = this.#running.get(run)
    if (running === undefined) return
    tellMarks(running)
    if (reply.kind === 'slab') {
      if (reply.mark !== undefined) running.hear.onSlab(reply.mark)
      return
    }
    if (reply.kind === 'failed' && reply.error.kind === 'internal') {
      this.#die(`a unit failed: ${reply.error.message}`, thrownError(reply.error), run)
      void endThread(this.#worker)
      return
    }
    this.#running.delete(run)
    if (this.#running.size === 0) this.#worker.unref()
    if (reply.kind === 'failed') running.reject(thrownError(reply.error))
    else running.resolve(ranUnit(reply.ran, () => this.#giveBack(reply.ran.unit)))
  }

  /** The run that the thread last did something for. */
  #lastDone(): number | undefined {
    const begun = [...this.#running].filter(([, { trail }]) => trail.stamp > 0)
    return begun.sort(([, a], [, b]) => b.trail.stamp - a.trail.stamp)[0]?.[0]
  }

  #die(why: string, cause: unknown, culprit: number | undefined): void {
    if (this.#death !== undefined) return
    this.#death = { why, cause }
    for (const [run, running] of this.#running) {
      tellMarks(running)
      running.reject(
        run === culprit
          ? new SiltError('data', 'encoder/crashed', why, { cause })
          : new SiltError('unavailable', 'encoder/died', why, { cause }),
      )
    }
    this.#running.clear()
  }
}

function tellMarks(running: Running): void {
  const { trail, hear } = running
  while (running.told < trail.count) hear.onSlab(trail.markAt(running.told++))
}
