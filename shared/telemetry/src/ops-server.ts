import { createServer, type Server, type ServerResponse } from 'node:http'
import { SiltError } from '@silt/core'
import type { Health } from './health.ts'
import type { PrometheusMetrics } from './prometheus-metrics.ts'

export interface OpsServer {
  readonly port: number
  close(): Promise<void>
}

const requestTimeoutMs = 10_000

/**
 * Serves `/healthz` (alive), `/readyz` (200 only while every actor is ready, else 503 and why) and `/metrics`.
 * Errors: `ops/port-taken` (invalid), naming OPS_PORT.
 */
export async function startOpsServer(options: {
  readonly host: string
  readonly port: number
  readonly health: Health
  readonly metrics: PrometheusMetrics
}): Promise<OpsServer> {
  const server = createServer((request, response) => {
    answer(request.url ?? '/', options, response).catch(() => response.destroy())
  })
  server.requestTimeout = requestTimeoutMs
  server.headersTimeout = requestTimeoutMs
  await listen(server, options.host, options.port)
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : options.port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(
  url: string,
  { health, metrics }: { readonly health: Health; readonly metrics: PrometheusMetrics },
  response: ServerResponse,
): Promise<void> {
  const path = url.split('?')[0]
  if (path === '/metrics') {
    const { contentType, body } = await metrics.expose()
    response.writeHead(200, { 'content-type': contentType }).end(body)
    return
  }
  if (path !== '/healthz' && path !== '/readyz') {
    response.writeHead(404, { 'content-type': 'text/plain' }).end('try /healthz, /readyz or /metrics\n')
    return
  }
  const report = health.report()
  const good = path === '/healthz' ? report.alive : report.ready
  response.writeHead(good ? 200 : 503, { 'content-type': 'application/json' }).end(`${JSON.stringify(report)}\n`)
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message =
        cause.code === 'EADDRINUSE'
          ? `OPS_PORT ${port} is taken on ${host}; choose another, or 0 for any free one`
          : `OPS_HOST ${host} OPS_PORT ${port} cannot be listened on: ${cause.message}`
      reject(new SiltError('invalid', 'ops/port-taken', message, { cause }))
    })
    server.listen(port, host, () => resolve())
  })
}
