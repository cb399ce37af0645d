import type { WriteJob, WriteResult } from '@silt/contracts'
import { asSiltError, type Clock, type Traces, type TraceSpan } from '@silt/core'

/** Where the time of a unit went, ms, filled in as it goes; each follows the one before, though fetching and decoding take turns. */
export interface UnitLaps {
  follow?: number
  read?: number
  encode?: number
  put?: number
  publish?: number
}

const names: Readonly<Record<keyof UnitLaps, string>> = {
  follow: 'read the log',
  read: 'fetch',
  encode: 'decode and encode',
  put: 'put files',
  publish: 'publish the commit job',
}

/** Runs one write job and tells its part of the unit's way, however it ends. Without traces it only runs it. */
export async function tracedUnit(
  deps: { readonly traces?: Traces; readonly clock: Clock },
  job: WriteJob,
  run: (laps: UnitLaps) => Promise<WriteResult>,
): Promise<WriteResult> {
  const { traces, clock } = deps
  const laps: UnitLaps = {}
  if (traces === undefined) return run(laps)
  const startMs = clock.nowMs()
  const tell = (attributes: TraceSpan['attributes'], failure?: string): void => {
    const wait = { name: 'wait for a writer', startMs: Math.min(job.cutAtMs, startMs), endMs: startMs }
    traces.part(job.unitId, wait)
    traces.part(job.unitId, {
      name: 'write',
      startMs,
      endMs: clock.nowMs(),
      attributes: { 'silt.unit': job.unitId, 'silt.topic': job.topic, ...attributes },
      ...(failure === undefined ? {} : { failure }),
      children: lapSpans(laps, startMs),
    })
  }
  try {
    const result = await run(laps)
    if (result.outcome === 'written') {
      const records = result.ranges.reduce((sum, { read }) => sum + read, 0)
      tell({ 'silt.outcome': result.outcome, 'silt.records': records, 'silt.bytes': result.bytes })
    } else if (result.outcome !== 'refused') tell({ 'silt.outcome': result.outcome })
    else tell({ 'silt.outcome': result.outcome, 'silt.code': result.code }, result.message)
    return result
  } catch (error) {
    const { code, message } = asSiltError(error)
    tell({ 'silt.outcome': 'put back', 'silt.code': code }, message)
    throw error
  }
}

function lapSpans(laps: UnitLaps, startMs: number): readonly TraceSpan[] {
  let atMs = startMs
  return (Object.keys(names) as (keyof UnitLaps)[]).flatMap((lap) => {
    const ms = laps[lap]
    if (ms === undefined) return []
    const span = { name: names[lap], startMs: atMs, endMs: atMs + ms }
    atMs = span.endMs
    return [span]
  })
}
