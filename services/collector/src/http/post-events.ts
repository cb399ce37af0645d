import type { IncomingMessage } from 'node:http'
import { SiltError, type Clock, type Metrics } from '@silt/core'
import { splitEvents, type CollectedEvent, type KeyChoice } from '../events/split-events.ts'
import { allFailed } from '../group-append.ts'
import { stopping, type RequestFault } from '../request-fault.ts'
import type { AppendFailure, EventSink } from '../sink.ts'
import { judgeContent, judgeToken, type GuardRules } from './guard.ts'
import type { InFlight } from './in-flight.ts'
import { readBody } from './read-body.ts'

export interface PostEventsParts {
  readonly sink: EventSink
  readonly inFlight: InFlight
  readonly guard: GuardRules
  readonly topic: string
  readonly key: KeyChoice
  readonly bodyBytesMax: number
  readonly eventsMax: number
  readonly timeoutMs: number
  readonly clock: Clock
  readonly metrics: Metrics
  readonly isStopping: () => boolean
}

/** What a sender is told; undefined where none is left. */
export type Answer = { readonly accepted: number } | RequestFault | undefined

/** Takes the events of one request and answers once they are durable. `goOn` lets a sender go on that waits for leave to send its body. */
export async function postEvents(request: IncomingMessage, goOn: () => void, parts: PostEventsParts): Promise<Answer> {
  if (parts.isStopping()) return stopping
  const unknown = judgeToken(request.headers, parts.guard)
  if (unknown !== undefined) return unknown
  const content = judgeContent(request.headers)
  if ('fault' in content) return content.fault
  const share = parts.inFlight.enter()
  if (!('grow' in share)) return share
  let ended: Promise<unknown> = Promise.resolve()
  try {
    const read = await readBody(request, parts.bodyBytesMax, share, goOn)
    if (read.kind !== 'body') return read.kind === 'fault' ? read.fault : undefined
    const split = splitEvents(read.bytes, { format: content.format, key: parts.key, eventsMax: parts.eventsMax })
    if (split.kind === 'fault') return split.fault
    const { answer, settled } = await append(split.events, parts)
    ended = settled
    return answer
  } finally {
    // Events whose sender was told to try again are held until the sink has done with them.
    void ended.then(() => share.end())
  }
}

async function append(
  events: readonly CollectedEvent[],
  { sink, clock, metrics, topic, timeoutMs }: PostEventsParts,
): Promise<{ readonly answer: Answer; readonly settled: Promise<unknown> }> {
  const startedMs = clock.monotonicMs()
  const tooLate = new AbortController()
  const inTime = new AbortController()
  const settled = sink.append(events, tooLate.signal)
  const late = clock.sleep(timeoutMs, inTime.signal).then((): readonly AppendFailure[] => {
    tooLate.abort()
    return allFailed(events, unanswered(timeoutMs))
  })
  const failures = await Promise.race([settled, late])
  inTime.abort()
  metrics.observe('silt_collector_append_seconds', { topic }, (clock.monotonicMs() - startedMs) / 1000)
  const accepted = events.length - failures.length
  metrics.count('silt_collector_events_total', { topic }, accepted)
  return { answer: failures.length === 0 ? { accepted } : notAllStored(accepted, failures), settled }
}

function unanswered(timeoutMs: number): SiltError {
  const message = `not known to be durable after ${timeoutMs} ms (HTTP_TIMEOUT_MS)`
  return new SiltError('ambiguous', 'collector/unanswered', message)
}

/** 413 where no event can ever be stored as it is; else 503, because sending them again can help. */
function notAllStored(accepted: number, failures: readonly AppendFailure[]): RequestFault {
  const isHopeless = failures.every(({ error }) => error.kind === 'data')
  const worst = failures.find(({ error }) => error.kind !== 'data')?.error ?? failures[0]?.error
  return {
    status: isHopeless ? 413 : 503,
    code: worst?.code ?? 'collector/unanswered',
    error: `${failures.length} of ${accepted + failures.length} events are not known to be durable: ${worst?.message}`,
    remedy: isHopeless
      ? 'send these events smaller; the others are durable'
      : 'send the events in "failed" again; one whose answer was lost may then be there twice',
    details: { accepted, failed: failures.map(({ index, error }) => ({ index, code: error.code })) },
    ...(isHopeless ? {} : { headers: { 'retry-after': '1' } }),
  }
}
