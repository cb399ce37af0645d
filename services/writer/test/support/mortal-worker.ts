import { parentPort } from 'node:worker_threads'
import type { EncodeRequest } from '../../src/encode/encode-messages.ts'
import '../../src/encode/encode-worker.ts'

/** The encoder's worker, but partition 13 kills it. */
parentPort?.on('message', (request: EncodeRequest) => {
  if (request.kind === 'push' && request.slab.partition === 13) process.exit(13)
})
