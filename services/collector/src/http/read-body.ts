import type { IncomingMessage } from 'node:http'
import { bodyTooLarge, type RequestFault } from '../request-fault.ts'
import type { Share } from './in-flight.ts'

export type BodyOutcome =
  | { readonly kind: 'body'; readonly bytes: Uint8Array }
  | { readonly kind: 'fault'; readonly fault: RequestFault }
  /** The sender went away, or was too slow; nobody is left to answer. */
  | { readonly kind: 'gone' }

/** Reads a body of at most `bytesMax`; a declared length takes its room at once, so that two halves of two bodies never wait for each other. */
export async function readBody(
  request: IncomingMessage,
  bytesMax: number,
  share: Share,
  goOn: () => void,
): Promise<BodyOutcome> {
  const declared =
    request.headers['content-length'] === undefined ? undefined : Number(request.headers['content-length'])
  if (declared !== undefined && declared > bytesMax) return { kind: 'fault', fault: bodyTooLarge(bytesMax) }
  const noRoom = declared === undefined ? undefined : share.grow(declared)
  if (noRoom !== undefined) return { kind: 'fault', fault: noRoom }
  goOn()
  const chunks: Buffer[] = []
  let bytes = 0
  try {
    // The stream is left open: its end is answered or drained by whoever called.
    for await (const chunk of request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
      bytes += chunk.length
      if (bytes > bytesMax) return { kind: 'fault', fault: bodyTooLarge(bytesMax) }
      const full = declared === undefined ? share.grow(chunk.length) : undefined
      if (full !== undefined) return { kind: 'fault', fault: full }
      chunks.push(chunk)
    }
  } catch {
    return { kind: 'gone' }
  }
  return { kind: 'body', bytes: Buffer.concat(chunks, bytes) }
}
