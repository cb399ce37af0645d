import type { Server } from 'node:http'
import { createAdaptorServer } from '@hono/node-server'
import { SiltError, type Clock } from '@silt/core'
import type { Hono } from 'hono'

export interface ConsoleServer {
  readonly port: number
  /** Takes no new connection, answers what is under way within `deadlineMs`, then closes whatever is left. */
  stop(deadlineMs: number): Promise<void>
}

const requestMsMax = 15_000
const connectionsMax = 256

/** Errors: `console/port-taken` (invalid), naming CONSOLE_PORT and CONSOLE_HOST. */
export async function serveConsole(app: Hono, host: string, port: number, clock: Clock): Promise<ConsoleServer> {
  const server = createAdaptorServer({
    fetch: app.fetch,
    serverOptions: { connectionsCheckingInterval: 1_000 },
  }) as Server
  server.requestTimeout = requestMsMax
  server.headersTimeout = requestMsMax
  server.maxConnections = connectionsMax
  await new Promise<void>((resolve, reject) => {
    server.once('error', (cause: NodeJS.ErrnoException) => {
      const message =
        cause.code === 'EADDRINUSE'
          ? `CONSOLE_PORT ${port} is taken on ${host}; choose another, or 0 for any free one`
          : `CONSOLE_HOST ${host} CONSOLE_PORT ${port} cannot be listened on: ${cause.message}`
      reject(new SiltError('invalid', 'console/port-taken', message, { cause }))
    })
    server.listen(port, host, () => resolve())
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: async (deadlineMs) => {
      const closed = new AbortController()
      server.close(() => closed.abort())
      server.closeIdleConnections()
      await clock.sleep(deadlineMs, closed.signal)
      server.closeAllConnections()
    },
  }
}
