import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@silt/core'
import type { RequestFault } from '../request-fault.ts'

/** How much of a refused body is still taken from the wire, and for how long, so that its sender sees the answer and not a broken pipe. */
const drainBytesMax = 4 * 1024 * 1024
const drainMsMax = 2_000

export function sendJson(
  response: ServerResponse,
  status: number,
  body: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>>,
): void {
  const text = `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...headers,
  })
  response.write(text)
}

export function faultBody({ error, code, remedy, details }: RequestFault): Readonly<Record<string, unknown>> {
  return { error, code, remedy, ...details }
}

/** Ends an answer; where the body was not read to its end the connection ends with it. */
export async function endAnswer(request: IncomingMessage, response: ServerResponse, clock: Clock): Promise<void> {
  if (bodyIsUnread(request)) await drain(request, clock)
  response.end()
}

export function bodyIsUnread({ complete, headers }: IncomingMessage): boolean {
  return !complete && (headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) > 0)
}

async function drain(request: IncomingMessage, clock: Clock): Promise<void> {
  const drained = new AbortController()
  const end = (): void => drained.abort()
  let bytes = 0
  request.on('data', (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > drainBytesMax) end()
  })
  for (const event of ['end', 'error', 'close']) request.on(event, end)
  request.resume()
  await clock.sleep(drainMsMax, drained.signal)
}
