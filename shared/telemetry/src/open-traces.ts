import type { Context, HrTime, SpanContext } from '@opentelemetry/api'
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace'
import {
  assert,
  SiltError,
  type Clock,
  type Log,
  type Metrics,
  type Random,
  type Traces,
  type TraceSpan,
} from '@silt/core'
import type { Redaction } from './redaction.ts'

export interface TracesOptions {
  /** OTEL_EXPORTER_OTLP_ENDPOINT: spans are sent to `<endpoint>/v1/traces`, OTLP over HTTP as JSON. */
  readonly endpoint: string
  /** OTEL_EXPORTER_OTLP_HEADERS: `name=value,name=value`. */
  readonly headers: string | undefined
  /** What these processes are called in the traces. */
  readonly service: string
  readonly actors: readonly string[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  /** What no span may tell. */
  readonly secrets: Redaction
}

export interface OpenTraces extends Traces {
  /** Sends what is left, for 2 s at most, and ends. Never throws. */
  close(): Promise<void>
}

const spansQueuedMax = 2048
const spansAtOnceMax = 512
const sendEveryMs = 1000
const sendMsMax = 5000
const closeMsMax = 2000

/**
 * Sends spans to a collector of OpenTelemetry. The libraries are loaded here, so a process without traces never has them. At most 2048 spans wait; beyond
 * it, and where the collector is away, spans are lost, which is counted, logged once a reason, and felt by nobody. Throws `traces/headers` (invalid).
 */
export async function openTraces(options: TracesOptions): Promise<OpenTraces> {
  const { clock, random } = options
  const headers = parseHeaders(options.headers)
  const [{ ROOT_CONTEXT, SpanStatusCode, trace, TraceFlags }, sdk, { resourceFromAttributes }, { OTLPTraceExporter }] =
    await Promise.all([
      import('@opentelemetry/api'),
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/resources'),
      import('@opentelemetry/exporter-trace-otlp-http'),
    ])
  const url = `${options.endpoint.replace(/\/+$/, '')}/v1/traces`
  const exporter = new OTLPTraceExporter({ url, headers, timeoutMillis: sendMsMax })
  const next = { traceId: '', spanId: '' }
  const queue = { spans: 0 }
  const provider = new sdk.TracerProvider({
    resource: resourceFromAttributes({
      'service.name': options.service,
      'service.instance.id': random.uuid(),
      'silt.actors': [...options.actors],
    }),
    sampler: new sdk.AlwaysOnSampler(),
    idGenerator: { generateTraceId: () => next.traceId, generateSpanId: () => next.spanId },
    spanProcessors: [
      new sdk.BatchSpanProcessor({
        exporter: counted(exporter, queue, options),
        maxQueueSize: spansQueuedMax,
        maxExportBatchSize: spansAtOnceMax,
        scheduledDelayMillis: sendEveryMs,
        exportTimeoutMillis: 2 * sendMsMax,
      }),
    ],
  })
  const tracer = provider.getTracer('silt')

  const tell = (span: TraceSpan, context: Context, ids: Pick<SpanContext, 'traceId' | 'spanId'>): void => {
    if (queue.spans >= spansQueuedMax) {
      options.metrics.count('silt_trace_spans_total', { outcome: 'lost' })
      return
    }
    queue.spans++
    Object.assign(next, ids)
    const attributes = { ...span.attributes }
    const told = tracer.startSpan(span.name, { startTime: hrTime(span.startMs), attributes }, context)
    if (span.failure !== undefined)
      told.setStatus({ code: SpanStatusCode.ERROR, message: options.secrets.apply(span.failure) })
    told.end(hrTime(Math.max(span.startMs, span.endMs)))
    const below = trace.setSpanContext(ROOT_CONTEXT, { ...ids, traceFlags: TraceFlags.SAMPLED })
    for (const child of span.children ?? []) tell(child, below, { ...ids, spanId: freshSpanId(random) })
  }
  return {
    whole: (unitId, span) => tell(span, ROOT_CONTEXT, { traceId: traceIdOf(unitId), spanId: unitId }),
    part: (unitId, span) => {
      const traceId = traceIdOf(unitId)
      const whole = { traceId, spanId: unitId, traceFlags: TraceFlags.SAMPLED, isRemote: true }
      tell(span, trace.setSpanContext(ROOT_CONTEXT, whole), { traceId, spanId: freshSpanId(random) })
    },
    close: async () => {
      const timer = new AbortController()
      const sent = provider.shutdown().catch(() => undefined)
      await Promise.race([sent, clock.sleep(closeMsMax, timer.signal)])
      timer.abort()
    },
  }
}

/** Whoever knows a unit knows its trace, and the other way round. */
function traceIdOf(unitId: string): string {
  return unitId + unitId
}

/** 16 hex digits, not all 0: the version digit of a UUID is among them. */
function freshSpanId(random: Random): string {
  return random.uuid().replaceAll('-', '').slice(0, 16)
}

function hrTime(wallMs: number): HrTime {
  const seconds = Math.floor(wallMs / 1000)
  return [seconds, Math.round((wallMs - seconds * 1000) * 1e6)]
}

/** Counts what was sent and what was lost; a reason is logged when it changes. */
function counted(
  exporter: SpanExporter,
  queue: { spans: number },
  { log, metrics }: Pick<TracesOptions, 'log' | 'metrics'>,
): SpanExporter {
  let toldReason: string | undefined
  return {
    export: (spans: ReadableSpan[], done) =>
      exporter.export(spans, (result) => {
        queue.spans -= spans.length
        const isSent = result.error === undefined
        metrics.count('silt_trace_spans_total', { outcome: isSent ? 'sent' : 'lost' }, spans.length)
        const reason = isSent ? undefined : (result.error?.message ?? 'no reason given')
        if (reason !== undefined && reason !== toldReason)
          log.warn({ code: 'traces/not-sent', spans: spans.length }, `traces are not sent: ${reason}`)
        toldReason = reason
        done(result)
      }),
    shutdown: () => exporter.shutdown(),
    forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve(),
  }
}

function parseHeaders(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').filter((each) => each.trim() !== '')
  try {
    return Object.fromEntries(
      pairs.map((pair) => {
        const at = pair.indexOf('=')
        assert(at > 0, 'a header has a name and a value')
        return [pair.slice(0, at).trim(), decodeURIComponent(pair.slice(at + 1).trim())]
      }),
    )
  } catch {
    throw new SiltError(
      'invalid',
      'traces/headers',
      'OTEL_EXPORTER_OTLP_HEADERS takes name=value pairs with commas between them, values percent-encoded where needed',
    )
  }
}
