import { createServer, type IncomingHttpHeaders } from 'node:http'
import { afterEach, expect, test } from 'vitest'
import { systemClock, systemRandom } from '@silt/core'
import { noMetrics, silentLog } from '@silt/core/testing'
import { openTraces, Redaction } from '../src/index.ts'

interface Sent {
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly name: string
  readonly startTimeUnixNano: string
  readonly endTimeUnixNano: string
  readonly status?: { readonly code: number; readonly message?: string }
}

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0)) await close()
})

/** What a collector of OpenTelemetry is to its clients. */
async function receiver(answer: (count: number) => number = () => 200) {
  const spans: Sent[] = []
  const headers: IncomingHttpHeaders[] = []
  let count = 0
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      const status = request.url === '/v1/traces' ? answer(count++) : 404
      headers.push(request.headers)
      if (status === 200) {
        const body = JSON.parse(Buffer.concat(chunks).toString()) as {
          resourceSpans: { scopeSpans: { spans: Sent[] }[] }[]
        }
        for (const { scopeSpans } of body.resourceSpans) for (const scope of scopeSpans) spans.push(...scope.spans)
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  closers.push(() => new Promise((resolve) => server.close(resolve).closeAllConnections()))
  const address = server.address()
  const port = typeof address === 'object' && address !== null ? address.port : 0
  return { spans, headers, endpoint: `http://127.0.0.1:${port}/` }
}

function open(endpoint: string, headers?: string) {
  const counts: Record<string, number> = {}
  const count = (_name: string, labels: Readonly<Record<string, string>>, by = 1) => {
    counts[labels['outcome'] ?? ''] = (counts[labels['outcome'] ?? ''] ?? 0) + by
  }
  const warnings: string[] = []
  const log = { ...silentLog, warn: (_fields: object, message: string) => void warnings.push(message) }
  const traces = openTraces({
    endpoint,
    headers,
    service: 'silt-test',
    actors: ['writer'],
    clock: systemClock,
    random: systemRandom,
    log,
    metrics: { ...noMetrics, count },
    secrets: new Redaction(['hunter2-of-the-test']),
  })
  return { traces, counts, warnings }
}

const unit = '0123456789abcdef'
const trace = unit + unit

test('the whole of a unit and its parts are one trace, whoever tells them', async () => {
  const { spans, headers, endpoint } = await receiver()
  const one = await open(endpoint, 'authorization=Bearer%20x, tenant=a').traces
  const other = await open(endpoint).traces
  one.whole(unit, { name: 'unit', startMs: 1000.5, endMs: 3000, attributes: { 'silt.outcome': 'committed' } })
  other.part(unit, {
    name: 'write',
    startMs: 1100,
    endMs: 1200,
    failure: 'store away: hunter2-of-the-test',
    children: [{ name: 'put files', startMs: 1150, endMs: 1190 }],
  })
  await one.close()
  await other.close()
  const byName = new Map(spans.map((span) => [span.name, span]))
  expect(byName.get('unit')).toMatchObject({ traceId: trace, spanId: unit, startTimeUnixNano: '1000500000' })
  expect(byName.get('unit')?.parentSpanId ?? '').toBe('')
  expect(byName.get('write')).toMatchObject({
    traceId: trace,
    parentSpanId: unit,
    status: { code: 2, message: 'store away: [redacted]' },
  })
  expect(byName.get('put files')).toMatchObject({ traceId: trace, parentSpanId: byName.get('write')?.spanId })
  expect(new Set(spans.map(({ spanId }) => spanId)).size).toBe(3)
  expect(headers).toContainEqual(expect.objectContaining({ authorization: 'Bearer x', tenant: 'a' }))
})

test('a collector that is away is told of once and disturbs nobody; what waits is bounded', async () => {
  const { traces, counts, warnings } = open('http://127.0.0.1:9')
  const opened = await traces
  for (let index = 0; index < 5000; index++) opened.part(unit, { name: 'write', startMs: 1, endMs: 2 })
  expect(counts).toEqual({ lost: 5000 - 2048 })
  const startedMs = systemClock.monotonicMs()
  await opened.close()
  expect(systemClock.monotonicMs() - startedMs).toBeLessThan(20_000)
  expect(warnings.length).toBeLessThanOrEqual(1)
})

test('spans refused for good are counted as lost, those after them are sent', async () => {
  const { spans, endpoint } = await receiver((count) => (count === 0 ? 400 : 200))
  const { traces, counts, warnings } = open(endpoint)
  const opened = await traces
  opened.part(unit, { name: 'first', startMs: 1, endMs: 2 })
  await expect.poll(() => counts['lost'], { timeout: 30_000 }).toBe(1)
  opened.part(unit, { name: 'second', startMs: 1, endMs: 2 })
  await opened.close()
  expect([spans.map(({ name }) => name), counts]).toEqual([['second'], { lost: 1, sent: 1 }])
  expect(warnings).toHaveLength(1)
})

test('headers that are none are refused by the name of their setting', async () => {
  await expect(open('http://127.0.0.1:9', 'nonsense').traces).rejects.toThrow('OTEL_EXPORTER_OTLP_HEADERS')
  await expect(open('http://127.0.0.1:9', 'a=%zz').traces).rejects.toThrow('OTEL_EXPORTER_OTLP_HEADERS')
})
