import { SiltError, type EncodeSession, type UnitEncoder } from '@silt/core'
import { plainError, type EncodeReply, type EncodeRequest } from './encode-messages.ts'

/** The far end of an EncodeHost: sessions by number, requests handled one at a time in the order they came. */
export function serveEncoder(
  encoder: UnitEncoder,
  post: (reply: EncodeReply) => void,
): (request: EncodeRequest) => void {
  const sessions = new Map<number, EncodeSession>()
  let last: Promise<void> = Promise.resolve()

  const sessionOf = (session: number): EncodeSession => {
    const found = sessions.get(session)
    if (found !== undefined) return found
    throw new SiltError('internal', 'encoder/session-ended', `session ${session} is not open here`)
  }

  const handle = async (request: Exclude<EncodeRequest, { kind: 'abandon' }>): Promise<EncodeReply> => {
    const { session } = request
    switch (request.kind) {
      case 'open':
        sessions.set(session, await encoder.open(request.spec))
        return { kind: 'opened', session }
      case 'push':
        return { kind: 'pushed', session, room: await sessionOf(session).push(request.slab) }
      case 'condemn':
        await sessionOf(session).condemn(request.slab, request.detail)
        return { kind: 'condemned', session }
      case 'finish': {
        const unit = await sessionOf(session).finish(request.ranges)
        sessions.delete(session)
        return { kind: 'finished', session, unit }
      }
    }
  }

  const answer = async (request: EncodeRequest): Promise<void> => {
    if (request.kind === 'abandon') {
      sessions.get(request.session)?.abandon()
      sessions.delete(request.session)
      return
    }
    try {
      post(await handle(request))
    } catch (error) {
      post({ kind: 'failed', session: request.session, error: plainError(error) })
    }
  }

  return (request) => {
    last = last.then(() => answer(request))
  }
}
