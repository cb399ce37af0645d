import type { JobQueue, Json } from '@silt/core'

/** What a queue told of a job: a writer's answer or a commit notice. The log tells the same, later. */
export interface Hint {
  readonly kind: 'written' | 'notice'
  readonly id: string
  readonly json: Json
}

/** Kept for the next step; beyond it the oldest are dropped. */
const hintsMax = 10_000

/** Hears results of both queues and keeps them until they are taken. */
export class Hints {
  readonly #writeQueue: JobQueue
  readonly #commitQueues: readonly JobQueue[]
  readonly #onHint: () => void
  readonly #kept: Hint[] = []

  constructor(writeQueue: JobQueue, commitQueues: readonly JobQueue[], onHint: () => void) {
    this.#writeQueue = writeQueue
    this.#commitQueues = commitQueues
    this.#onHint = onHint
  }

  /** Until the function it answers is called. */
  listen(): () => void {
    const ends = [
      this.#writeQueue.onResult(this.#hear('written')),
      ...this.#commitQueues.map((queue) => queue.onResult(this.#hear('notice'))),
    ]
    return () => {
      for (const end of ends) end()
    }
  }

  take(): readonly Hint[] {
    return this.#kept.splice(0)
  }

  #hear(kind: Hint['kind']): (id: string, json: Json) => void {
    return (id, json) => {
      if (this.#kept.length >= hintsMax) this.#kept.shift()
      this.#kept.push({ kind, id, json })
      this.#onHint()
    }
  }
}
