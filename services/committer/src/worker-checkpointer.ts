import { Worker } from 'node:worker_threads'
import { assert, SiltError, type ErrorKind } from '@silt/core'
import type { FileCounts } from '@silt/delta'
import type { S3Settings } from '@silt/object-store'
import type { Checkpointer, CheckpointTable } from './checkpoints.ts'

/** Where the two tables are: what a thread needs to open their stores itself. Plain data. */
export interface CheckpointSettings {
  readonly locations: Readonly<Record<CheckpointTable, string>>
  /** Asked for each checkpoint where it is a function: credentials that are provided cannot cross to a thread. */
  readonly s3: S3Settings | (() => Promise<S3Settings>)
}

export interface CheckpointOrder {
  readonly location: string
  readonly s3: S3Settings
  /** To be written; undefined: count the files of the newest version instead. */
  readonly version: number | undefined
}

export type CheckpointAnswer =
  | { readonly kind: 'written' }
  | { readonly kind: 'measured'; readonly size: FileCounts }
  | {
      readonly kind: 'failed'
      readonly error: { readonly kind: ErrorKind; readonly code: string; readonly message: string }
    }

/**
 * Each checkpoint in a worker thread of its own, one thread at a time: the table's file actions are never in the committing thread, and their memory goes
 * with the thread.
 * `write` rejects with the thread's error, or `committer/checkpoint-worker-died` (unavailable).
 */
export function workerCheckpointer(settings: CheckpointSettings): Checkpointer {
  const running = new Set<Worker>()
  let closed = false
  let turn: Promise<unknown> = Promise.resolve()
  const run = async (table: CheckpointTable, version: number | undefined): Promise<CheckpointAnswer> => {
    const s3 = await s3Now(settings)
    if (closed) throw workerDied(undefined)
    const order: CheckpointOrder = { location: settings.locations[table], s3, version }
    const worker = new Worker(new URL('./checkpoint-worker.ts', import.meta.url), { workerData: order })
    running.add(worker)
    return answerOf(worker).finally(() => running.delete(worker))
  }
  const ask = (table: CheckpointTable, version: number | undefined): Promise<CheckpointAnswer> => {
    const answer = turn.then(() => run(table, version))
    turn = answer.catch(() => undefined)
    return answer
  }
  return {
    async write(table, version) {
      await ask(table, version)
    },
    async measure() {
      const answer = await ask('main', undefined)
      assert(answer.kind === 'measured', 'a question for the size is answered by it')
      return answer.size
    },
    async close() {
      closed = true
      await Promise.all([...running].map((worker) => worker.terminate()))
    },
  }
}

async function s3Now({ s3 }: CheckpointSettings): Promise<S3Settings> {
  if (typeof s3 !== 'function') return s3
  try {
    return await s3()
  } catch (cause) {
    throw new SiltError(
      'unavailable',
      'committer/checkpoint-credentials',
      'a checkpoint has no credentials for its store',
      {
        cause,
      },
    )
  }
}

function answerOf(worker: Worker): Promise<CheckpointAnswer> {
  return new Promise((resolve, reject) => {
    worker.once('message', (answer: CheckpointAnswer) => {
      if (answer.kind !== 'failed') resolve(answer)
      else reject(new SiltError(answer.error.kind, answer.error.code, answer.error.message))
    })
    worker.once('error', (cause) => reject(workerDied(cause)))
    worker.once('exit', () => reject(workerDied(undefined)))
  })
}

function workerDied(cause: unknown): SiltError {
  return new SiltError(
    'unavailable',
    'committer/checkpoint-worker-died',
    'the checkpoint thread ended without an answer',
    { cause },
  )
}
