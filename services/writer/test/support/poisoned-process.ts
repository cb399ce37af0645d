import type { EncodeRequest } from '../../src/encode/encode-messages.ts'
import '../../src/encode/encode-process.ts'
import { takePoison } from './poison.ts'

/** The encoder's process, but records that hold a poison kill it. */
process.on('message', (request) => takePoison(request as EncodeRequest))
