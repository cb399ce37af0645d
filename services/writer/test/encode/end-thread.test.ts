import { Worker } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { endThread } from '../../src/encode/end-thread.ts'

const module = new URL('../support/compressing-thread.ts', import.meta.url)

/** Resolves once the thread compresses. */
function busyThread(): Promise<Worker> {
  const worker = new Worker(module)
  return new Promise((resolve) => worker.once('message', () => resolve(worker)))
}

test('a thread that compresses all the time ends between two messages, and this process lives', async () => {
  const workers = await Promise.all(Array.from({ length: 4 }, busyThread))
  const exits = workers.map((worker) => new Promise((resolve) => worker.once('exit', resolve)))
  await Promise.all(workers.map(endThread))
  expect(await Promise.all(exits)).toEqual([0, 0, 0, 0])
  // Those that have ended.
  await Promise.all(workers.map(endThread))
})
