import type { Json } from '../canonical-json.ts'

export interface QueuedJob {
  readonly id: string
  readonly data: Json
  /** As delivered: how often its consumer went silent (died, stood still, lost the queue) while it had this job, as far as the queue knows. */
  readonly stalls?: number
}

export interface QueueDepth {
  /** Ready to be taken, and put back with a delay. */
  readonly waiting: number
  /** Of those waiting, the ones whose delay has not passed. */
  readonly delayed: number
  readonly active: number
}

/** Running consumption; `stop` takes no new job, waits up to `deadlineMs` for running handlers, then lets go (they are delivered again). */
export interface Consumption {
  stop(deadlineMs: number): Promise<void>
}

/**
 * A queue of jobs with at-least-once delivery: a job may run twice, even at once, and the whole queue may vanish (I1).
 *
 * 1. `add` of an id that is waiting or running is swallowed; after it has ended the same id runs again.
 * 2. A handler's value is the job's result, published to `onResult` listeners of every process, best effort.
 * 3. A handler that throws puts the job back, after a back-off; it is never dropped by the count of tries.
 * 4. A consumer that dies gives its jobs to another within about 5 s.
 *
 * Errors: `queue/unavailable` (unavailable), `queue/full` (unavailable; Redis `maxmemory` reached), `queue/denied` (invalid).
 */
export interface JobQueue {
  readonly name: string
  add(job: QueuedJob): Promise<void>
  consume(
    handler: (job: QueuedJob, signal: AbortSignal) => Promise<Json>,
    options: { readonly concurrency: number; readonly onError: (error: unknown) => void },
  ): Consumption
  /** Returns the function that ends the subscription. */
  onResult(listener: (id: string, result: Json) => void): () => void
  depth(): Promise<QueueDepth>
  close(): Promise<void>
}

/** Opens queues by name (`silt-<table>-write-v1`); names take no `:`. */
export interface QueueProvider {
  open(name: string): JobQueue
  lease(name: string): Lease
  close(): Promise<void>
}

/** Who acts now: liveness, never safety (I7). */
export interface Lease {
  /** Takes or renews the lease for `holder`; false when someone else holds it. */
  hold(holder: string, ttlMs: number): Promise<boolean>
  /** Gives it up if `holder` has it. */
  release(holder: string): Promise<void>
}
