import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { asSiltError, SiltError, type Log, type Metrics } from '@silt/core'
import { demoAsset } from '../demo/demo-page.ts'
import { bodyTooSlow, type RequestFault } from '../request-fault.ts'
import { bodyIsUnread, endAnswer, faultBody, sendJson } from './answer.ts'
import { corsHeaders, judgeOrigin, preflightHeaders } from './guard.ts'
import { postEvents, type PostEventsParts } from './post-events.ts'

export interface EventServerOptions {
  readonly host: string
  readonly port: number
  readonly parts: Omit<PostEventsParts, 'isStopping'>
  readonly demoPage: boolean
  readonly connectionsMax: number
  readonly log: Log
}

export interface EventServer {
  readonly port: number
  /** Takes no new connection, answers what is under way within `deadlineMs`, then closes whatever is left. */
  stop(deadlineMs: number): Promise<void>
}

const headersMsMax = 10_000
const keepAliveMs = 65_000
const headerBytesMax = 16 * 1024
const checkEveryMs = 500

/** Errors: `collector/port-taken` (invalid), naming HTTP_PORT and HTTP_HOST. */
export async function startEventServer(options: EventServerOptions): Promise<EventServer> {
  let isStopping = false
  const parts: PostEventsParts = { ...options.parts, isStopping: () => isStopping }
  const { clock } = parts
  const server = createServer({ maxHeaderSize: headerBytesMax, connectionsCheckingInterval: checkEveryMs })
  server.headersTimeout = Math.min(headersMsMax, parts.timeoutMs)
  server.requestTimeout = parts.timeoutMs
  server.keepAliveTimeout = keepAliveMs
  server.maxConnections = options.connectionsMax
  const serve = (request: IncomingMessage, response: ServerResponse, goOn: () => void): void => {
    handle(request, response, goOn, parts, options.demoPage).catch((thrown: unknown) => {
      const error = asSiltError(thrown)
      options.log.error({ error }, 'a request met a bug')
      response.destroy()
    })
  }
  server.on('request', (request, response) => serve(request, response, () => undefined))
  server.on('checkContinue', (request: IncomingMessage, response: ServerResponse) =>
    serve(request, response, () => response.writeContinue()),
  )
  server.on('clientError', refuseBroken)
  await listen(server, options)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    stop: async (deadlineMs) => {
      isStopping = true
      const closed = new AbortController()
      server.close(() => closed.abort())
      await clock.sleep(deadlineMs, closed.signal)
      server.closeAllConnections()
    },
  }
}

async function handle(
  request: IncomingMessage,
  response: ServerResponse,
  goOn: () => void,
  parts: PostEventsParts,
  demoPage: boolean,
): Promise<void> {
  const { clock, metrics } = parts
  const startedMs = clock.monotonicMs()
  const refused = judgeOrigin(request.headers, parts.guard)
  const cors = refused === undefined ? corsHeaders(request.headers) : {}
  const path = (request.url ?? '/').split('?')[0] ?? '/'
  const closing = (): Readonly<Record<string, string>> =>
    parts.isStopping() || bodyIsUnread(request) ? { connection: 'close' } : {}
  const say = (fault: RequestFault): void => {
    metrics.count('silt_collector_refused_total', { code: fault.code })
    sendJson(response, fault.status, faultBody(fault), { ...cors, ...fault.headers, ...closing() })
  }
  const asset = demoPage ? demoAsset(path) : undefined
  if (refused !== undefined) say(refused)
  else if (path === '/events' && request.method === 'OPTIONS')
    response.writeHead(204, { ...cors, ...preflightHeaders, ...closing() })
  else if (path === '/events' && request.method === 'POST') {
    const answer = await postEvents(request, goOn, parts)
    if (answer === undefined) return void response.destroy()
    if ('accepted' in answer) sendJson(response, 200, answer, { ...cors, ...closing() })
    else say(answer)
  } else if (path === '/events') say(wrongMethod('POST, OPTIONS'))
  else if (asset === undefined) say(notFound)
  else if (request.method !== 'GET' && request.method !== 'HEAD') say(wrongMethod('GET, HEAD'))
  else {
    response.writeHead(200, { ...asset.headers, ...closing() })
    if (request.method === 'GET') response.write(asset.body)
  }
  count(metrics, response.statusCode, path, (clock.monotonicMs() - startedMs) / 1000)
  await endAnswer(request, response, clock)
}

function count(metrics: Metrics, status: number, path: string, seconds: number): void {
  metrics.count('silt_collector_requests_total', { status: String(status) })
  if (path === '/events') metrics.observe('silt_collector_request_seconds', {}, seconds)
}

const notFound: RequestFault = {
  status: 404,
  code: 'collector/not-found',
  error: 'there is nothing here',
  remedy: 'send events to POST /events',
}

function wrongMethod(allow: string): RequestFault {
  return {
    status: 405,
    code: 'collector/method',
    error: `only ${allow} is taken here`,
    remedy: 'send events to POST /events',
    headers: { allow },
  }
}

/** What could not be read as a request, or did not arrive in time, never came to a handler. */
function refuseBroken(error: NodeJS.ErrnoException, socket: Socket): void {
  if (!socket.writable) return void socket.destroy()
  const fault = error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? bodyTooSlow : brokenRequest(error.code)
  const body = `${JSON.stringify(faultBody(fault))}\n`
  const head = [
    `HTTP/1.1 ${fault.status} Refused`,
    'connection: close',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
  ]
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`)
}

function brokenRequest(code: string | undefined): RequestFault {
  const isLong = code === 'HPE_HEADER_OVERFLOW'
  return {
    status: isLong ? 431 : 400,
    code: 'collector/not-http',
    error: isLong ? `the headers are larger than ${headerBytesMax} bytes` : 'this is not a request of HTTP/1.1',
    remedy: 'send events to POST /events',
  }
}

function listen(server: Server, { host, port }: EventServerOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message =
        cause.code === 'EADDRINUSE'
          ? `HTTP_PORT ${port} is taken on ${host}; choose another, or 0 for any free one`
          : `HTTP_HOST ${host} HTTP_PORT ${port} cannot be listened on: ${cause.message}`
      reject(new SiltError('invalid', 'collector/port-taken', message, { cause }))
    })
    server.listen(port, host, () => resolve())
  })
}
