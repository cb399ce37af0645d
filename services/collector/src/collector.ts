import { asSiltError, SiltError, type Clock, type Log, type Metrics } from '@silt/core'
import type { KeyChoice } from './events/split-events.ts'
import { startEventServer } from './http/event-server.ts'
import { isLoopback, type GuardRules } from './http/guard.ts'
import { InFlight } from './http/in-flight.ts'
import type { EventSink } from './sink.ts'

export interface CollectorOptions {
  readonly topic: string
  readonly host: string
  readonly port: number
  readonly token: string | undefined
  readonly origins: readonly string[]
  readonly key: KeyChoice
  readonly bodyBytesMax: number
  readonly eventsMax: number
  readonly requestsMax: number
  readonly inFlightBytesMax: number
  readonly timeoutMs: number
  readonly demoPage: boolean
  readonly shutdownDeadlineMs: number
}

export interface CollectorParts {
  readonly sink: EventSink
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly onReady: () => void
  /** Cannot take events now, and why; told again whenever it is asked for. */
  readonly onWaiting: (why: string) => void
}

const checkMs = 5_000
const firstChecksMs = 500
const closeMsMax = 2_000
/** Connections beside those of requests under way: browsers keep some open. */
const idleConnectionsPerRequest = 4

/**
 * Takes events by HTTP until `signal` aborts; then answers what is under way, within the shutdown deadline.
 * A sink that is away is waited for, and requests are answered 503 meanwhile. The sink is closed.
 * Errors: `collector/needs-token`, `collector/port-taken`, and a sink that refuses us before it ever let us in (all invalid).
 */
export async function runCollector(
  parts: CollectorParts,
  options: CollectorOptions,
  signal: AbortSignal,
): Promise<void> {
  requireToken(options)
  const { sink, clock, log, metrics } = parts
  const guard: GuardRules = { token: options.token, origins: options.origins }
  const inFlight = new InFlight({ requestsMax: options.requestsMax, bytesMax: options.inFlightBytesMax }, (bytes) =>
    metrics.gauge('silt_collector_in_flight_bytes', {}, bytes),
  )
  try {
    const server = await startEventServer({
      ...options,
      parts: { ...options, sink, inFlight, guard, clock, metrics },
      log,
      connectionsMax: options.requestsMax * (1 + idleConnectionsPerRequest),
    })
    log.info({ topic: options.topic, host: options.host, port: server.port }, 'takes events')
    try {
      await watchSink(parts, signal)
    } finally {
      parts.onWaiting('stopping')
      await server.stop(options.shutdownDeadlineMs)
    }
  } finally {
    await closeSink(sink, clock)
  }
}

/** Whoever waited has an answer by now, or is gone: what a broker that is away still holds is left. */
async function closeSink(sink: EventSink, clock: Clock): Promise<void> {
  const closed = new AbortController()
  await Promise.race([sink.close(), clock.sleep(closeMsMax, closed.signal)])
  closed.abort()
}

/** Whatever is not this machine needs a token: an open collector would take anybody's events. Errors: `collector/needs-token` (invalid). */
export function requireToken({ host, token }: CollectorOptions): void {
  if (token !== undefined || isLoopback(host)) return
  throw new SiltError(
    'invalid',
    'collector/needs-token',
    `HTTP_HOST ${host} lets other machines in; set HTTP_TOKEN, or HTTP_HOST to 127.0.0.1`,
  )
}

async function watchSink({ sink, clock, log, onReady, onWaiting }: CollectorParts, signal: AbortSignal): Promise<void> {
  let wasReady = false
  let told = ''
  while (!signal.aborted) {
    const error = await sink.check().then(
      () => undefined,
      (thrown: unknown) => asSiltError(thrown),
    )
    // What let us in before and refuses us now may let us in again: keys are rotated.
    if (error !== undefined && error.kind !== 'unavailable' && error.kind !== 'ambiguous' && !wasReady) throw error
    if (error === undefined) onReady()
    else onWaiting(error.message)
    if (error !== undefined && error.message !== told) log.warn({ error }, 'cannot take events')
    if (error === undefined && told !== '') log.info({}, 'takes events again')
    told = error?.message ?? ''
    wasReady ||= error === undefined
    await clock.sleep(wasReady ? checkMs : firstChecksMs, signal)
  }
}
