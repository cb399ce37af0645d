import { parentPort } from 'node:worker_threads'
import type { EncodeRequest } from '../../src/encode/encode-messages.ts'
import '../../src/encode/encode-worker.ts'
import { takePoison } from './poison.ts'

/** The encoder's worker, but records that hold a poison kill it. */
parentPort?.on('message', (request: EncodeRequest) => takePoison(request))
