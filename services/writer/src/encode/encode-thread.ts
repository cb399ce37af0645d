import { Worker } from 'node:worker_threads'
import { assert, SiltError } from '@silt/core'
import type { RowDecoderLimits } from '@silt/rows'
import { thrownError, type EncodeReply, type EncodeRequest } from './encode-messages.ts'

interface Waiting {
  readonly resolve: (reply: EncodeReply) => void
  readonly reject: (error: SiltError) => void
}

/** One worker thread and the requests it owes an answer, by session. Once dead it stays dead. */
export class EncodeThread {
  readonly #worker: Worker
  readonly #waiting = new Map<number, Waiting[]>()
  #death: SiltError | undefined
  /** Sessions open here. */
  sessionCount = 0

  constructor(module: URL, limits: RowDecoderLimits, heapMiBMax: number | undefined) {
    this.#worker = new Worker(module, {
      workerData: limits,
      ...(heapMiBMax === undefined ? {} : { resourceLimits: { maxOldGenerationSizeMb: heapMiBMax } }),
    })
    this.#worker.on('message', (reply: EncodeReply) => this.#answered(reply))
    this.#worker.on('error', (cause: unknown) => this.#die('was ended by an error', cause))
    this.#worker.on('exit', (exitCode) => this.#die(`exited with ${exitCode}`, undefined))
    this.#worker.unref()
  }

  get isDead(): boolean {
    return this.#death !== undefined
  }

  /** Answers come in the order of the requests of one session. Rejects with the session's error, or `encoder/died` (unavailable). */
  ask(request: Exclude<EncodeRequest, { kind: 'abandon' }>, transfer: ArrayBuffer[] = []): Promise<EncodeReply> {
    if (this.#death !== undefined) return Promise.reject(this.#death)
    return new Promise((resolve, reject) => {
      const waiting = this.#waiting.get(request.session) ?? []
      waiting.push({ resolve, reject })
      this.#waiting.set(request.session, waiting)
      this.#worker.ref()
      this.#worker.postMessage(request, transfer)
    })
  }

  tell(request: Extract<EncodeRequest, { kind: 'abandon' }>): void {
    if (this.#death === undefined) this.#worker.postMessage(request)
  }

  async terminate(): Promise<void> {
    this.#die('was closed', undefined)
    await this.#worker.terminate()
  }

  #answered(reply: EncodeReply): void {
    // What was on its way when the thread was given up: its callers have heard of the death.
    if (this.#death !== undefined) return
    const waiting = this.#waiting.get(reply.session)
    const first = waiting?.shift()
    assert(first !== undefined, 'every answer has a request')
    if (waiting?.length === 0) this.#waiting.delete(reply.session)
    if (this.#waiting.size === 0) this.#worker.unref()
    if (reply.kind === 'failed') first.reject(thrownError(reply.error))
    else first.resolve(reply)
  }

  #die(how: string, cause: unknown): void {
    if (this.#death !== undefined) return
    const because = cause instanceof Error ? `: ${cause.message}` : ''
    this.#death = new SiltError('unavailable', 'encoder/died', `the encoder's worker thread ${how}${because}`, {
      cause,
    })
    for (const waiting of this.#waiting.values()) for (const each of waiting) each.reject(this.#death)
    this.#waiting.clear()
  }
}
