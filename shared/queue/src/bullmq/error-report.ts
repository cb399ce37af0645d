import { isSiltError, type Clock } from '@silt/core'

const quietMs = 5_000

/** Passes errors on, each code at most once in 5 s: an outage is told, not every failed reconnection of every connection. */
export function limitedReport(clock: Clock, report: (error: unknown) => void): (error: unknown) => void {
  const toldAtMs = new Map<string, number>()
  return (error) => {
    const code = isSiltError(error) ? error.code : 'other'
    const nowMs = clock.monotonicMs()
    const lastMs = toldAtMs.get(code)
    if (lastMs !== undefined && nowMs - lastMs < quietMs) return
    toldAtMs.set(code, nowMs)
    report(error)
  }
}
