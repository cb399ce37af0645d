import { parentPort, workerData } from 'node:worker_threads'
import { assert } from '@silt/core'
import type { RowDecoderLimits } from '@silt/rows'
import { transferableFiles, type EncodeRequest } from './encode-messages.ts'
import { endWhenAsked } from './end-thread.ts'
import { serveEncoder } from './encode-service.ts'
import { RenewingEncoder } from './renewing-encoder.ts'

/** What a worker thread runs. */
const port = parentPort
assert(port !== null, 'encode-worker runs as a worker thread')
const serve = serveEncoder(new RenewingEncoder(workerData as RowDecoderLimits), (reply) =>
  port.postMessage(reply, reply.kind === 'finished' ? transferableFiles(reply.unit) : []),
)
endWhenAsked(port, (request) => serve(request as EncodeRequest))
