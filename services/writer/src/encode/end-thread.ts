import type { MessagePort, Worker } from 'node:worker_threads'
import { systemClock } from '@silt/core'

const endRequest = 'end'
/** What is on its way to the thread is handled first: some slabs, and the end of a unit. */
const graceMsMax = 10_000

/**
 * Has a thread that hears `endWhenAsked` end itself, between two messages; by force where it does not come to that.
 * A thread ended by force within node:zlib's zstd takes the process along: `CompressionStream::Close` asserts that it was initialised.
 */
export async function endThread(worker: Worker): Promise<void> {
  // It has ended.
  if (worker.threadId === -1) return
  const ended = new AbortController()
  worker.once('exit', () => ended.abort())
  worker.ref()
  worker.postMessage(endRequest)
  await systemClock.sleep(graceMsMax, ended.signal)
  if (!ended.signal.aborted) await worker.terminate()
}

/** In the thread: hears messages, but the one to end. */
export function endWhenAsked(port: MessagePort, hear: (message: unknown) => void): void {
  port.on('message', (message) => {
    if (message === endRequest) process.exit(0)
    hear(message)
  })
}
