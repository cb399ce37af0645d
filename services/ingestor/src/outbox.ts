import { asSiltError, shouldRetry, type JobQueue, type Json } from '@silt/core'

interface OutgoingJob {
  readonly queue: JobQueue
  readonly id: string
  readonly data: Json
}

/**
 * Jobs on their way into queues, in order, one at a time, sent beside the loop: a queue that is away delays no poll.
 * A job whose queue is away stays first and is tried again at the next `flush`. Bounded by who puts: each id is held once.
 */
export class Outbox {
  #jobs: OutgoingJob[] = []
  #sending: Promise<void> | undefined
  #failure: unknown
  readonly #onError: (error: unknown) => void

  constructor(onError: (error: unknown) => void) {
    this.#onError = onError
  }

  put(job: OutgoingJob): void {
    if (!this.#jobs.some((each) => each.id === job.id)) this.#jobs.push(job)
  }

  /** Forgets what nobody waits for any more. */
  keep(isWanted: (id: string) => boolean): void {
    this.#jobs = this.#jobs.filter((each) => isWanted(each.id))
  }

  /** Starts sending unless it is under way. Throws what trying again cannot mend. */
  flush(): void {
    if (this.#failure !== undefined) throw asSiltError(this.#failure)
    this.#sending ??= this.#send().finally(() => {
      this.#sending = undefined
    })
  }

  /** Resolves when the present round of sending has ended. */
  async settled(): Promise<void> {
    await this.#sending
  }

  async #send(): Promise<void> {
    for (let job = this.#jobs[0]; job !== undefined; job = this.#jobs[0]) {
      try {
        await job.queue.add({ id: job.id, data: job.data })
      } catch (error) {
        this.#onError(error)
        if (!shouldRetry(error)) this.#failure = error
        return
      }
      this.#jobs = this.#jobs.filter((each) => each !== job)
    }
  }
}
