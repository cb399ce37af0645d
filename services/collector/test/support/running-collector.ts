import { request } from 'node:http'
import { connect } from 'node:net'
import { systemClock, type Log } from '@silt/core'
import { noMetrics, silentLog } from '@silt/core/testing'
import { runCollector, type CollectorOptions } from '../../src/index.ts'
import { FakeSink } from './fake-sink.ts'

const options: CollectorOptions = {
  topic: 'events',
  host: '127.0.0.1',
  port: 0,
  token: undefined,
  origins: [],
  key: 'session_id',
  bodyBytesMax: 10_000,
  eventsMax: 10,
  requestsMax: 4,
  inFlightBytesMax: 20_000,
  timeoutMs: 5_000,
  demoPage: false,
  shutdownDeadlineMs: 5_000,
}

export interface Answered {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  readonly json: Readonly<Record<string, unknown>>
}

export interface RunningCollector {
  readonly sink: FakeSink
  readonly port: number
  readonly states: string[]
  readonly post: (body: string | Uint8Array, headers?: Readonly<Record<string, string>>) => Promise<Answered>
  readonly send: (
    method: string,
    path: string,
    headers?: Readonly<Record<string, string>>,
    body?: string | Uint8Array,
  ) => Promise<Answered>
  /** Writes bytes on a connection of its own and answers all that comes back until the other side ends it. */
  readonly raw: (text: string) => Promise<string>
  readonly stop: () => Promise<void>
}

/** A collector on a free port, in front of a sink that a test rules. */
export async function startCollector(
  overrides: Partial<CollectorOptions> = {},
  sink = new FakeSink(),
): Promise<RunningCollector> {
  const stop = new AbortController()
  const states: string[] = []
  let tellPort = (_port: number): void => undefined
  const listening = new Promise<number>((resolve) => (tellPort = resolve))
  const log: Log = { ...silentLog, info: ({ port }) => typeof port === 'number' && tellPort(port) }
  const parts = {
    sink,
    clock: systemClock,
    log,
    metrics: noMetrics,
    onReady: () => void states.push('ready'),
    onWaiting: (why: string) => void states.push(why),
  }
  const running = runCollector(parts, { ...options, ...overrides }, stop.signal)
  const port = await Promise.race([listening, running.then(() => Promise.reject(new Error('it ended')))])
  const send: RunningCollector['send'] = (method, path, headers = {}, body = '') =>
    ask(port, method, path, headers, body)
  return {
    sink,
    port,
    states,
    send,
    post: (body, headers) => send('POST', '/events', { 'content-type': 'application/json', ...headers }, body),
    raw: (text) => raw(port, text),
    stop: async () => {
      stop.abort()
      await running
    },
  }
}

function ask(
  port: number,
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body: string | Uint8Array,
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = request({ port, host: '127.0.0.1', method, path, headers, agent: false }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        const json = /^\{/.test(text) ? (JSON.parse(text) as Record<string, unknown>) : {}
        resolve({ status: response.statusCode ?? 0, headers: response.headers, text, json })
      })
    })
    asked.on('error', reject)
    asked.end(body)
  })
}

function raw(port: number, text: string): Promise<string> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = []
    const socket = connect(port, '127.0.0.1', () => socket.write(text))
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('error', () => undefined)
    socket.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
}
