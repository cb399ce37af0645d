import { parentPort, workerData } from 'node:worker_threads'
import { assert, SiltError, type EncodeSession } from '@silt/core'
import type { RowDecoderLimits } from '@silt/rows'
import { plainError, transferableFiles, type EncodeReply, type EncodeRequest } from './encode-messages.ts'
import { InlineEncoder } from './inline-encoder.ts'

/** The worker thread's end: sessions by number, requests handled in the order they came. */
const port = parentPort
assert(port !== null, 'encode-worker runs as a worker thread')
const encoder = new InlineEncoder(workerData as RowDecoderLimits)
const sessions = new Map<number, EncodeSession>()
let last: Promise<void> = Promise.resolve()

port.on('message', (request: EncodeRequest) => {
  last = last.then(() => answer(request))
})

async function answer(request: EncodeRequest): Promise<void> {
  if (request.kind === 'abandon') {
    sessions.get(request.session)?.abandon()
    sessions.delete(request.session)
    return
  }
  try {
    const reply = await handle(request)
    port?.postMessage(reply, reply.kind === 'finished' ? transferableFiles(reply.unit) : [])
  } catch (error) {
    const reply: EncodeReply = { kind: 'failed', session: request.session, error: plainError(error) }
    port?.postMessage(reply)
  }
}

async function handle(request: Exclude<EncodeRequest, { kind: 'abandon' }>): Promise<EncodeReply> {
  const { session } = request
  switch (request.kind) {
    case 'open':
      sessions.set(session, await encoder.open(request.spec))
      return { kind: 'opened', session }
    case 'push':
      return { kind: 'pushed', session, room: await sessionOf(session).push(request.slab) }
    case 'finish': {
      const unit = await sessionOf(session).finish(request.ranges)
      sessions.delete(session)
      return { kind: 'finished', session, unit }
    }
  }
}

function sessionOf(session: number): EncodeSession {
  const found = sessions.get(session)
  if (found === undefined)
    throw new SiltError('internal', 'encoder/session-ended', `session ${session} is not open here`)
  return found
}
