import { setTimeout as delay } from 'node:timers/promises'
import { LogWatch, type LogTotals } from './log-watch.ts'
import { processUsage } from './process-usage.ts'

export interface RunMeasure extends LogTotals {
  readonly label: string
  /** From start to the last row in the log. */
  readonly wallSeconds: number
  /** From the first commit with rows to the last: the rate without start-up. */
  readonly eventsPerSecond: number
  readonly cpuMicrosPerEvent: number
  readonly bytesPerEvent: number
  /** Sum over the processes of each one's peak. */
  readonly peakRssMiB: number
}

const sampleMs = 50

/**
 * Waits until the table holds `rows` rows more than at the start, sampling the processes; CPU is counted from their start up to that moment.
 * Throws after `timeoutMs`, and when every process has ended before.
 */
export async function measureRun(
  label: string,
  table: string,
  rows: number,
  pids: readonly number[],
  timeoutMs: number,
): Promise<RunMeasure> {
  const watch = new LogWatch(table)
  const startedMs = performance.now()
  const peaks = new Map<number, number>()
  const cpu = new Map<number, number>()
  let first: { atMs: number; rows: number } | undefined
  for (;;) {
    let alive = 0
    for (const pid of pids) {
      const usage = processUsage(pid)
      if (usage === undefined) continue
      alive++
      cpu.set(pid, usage.cpuMs)
      peaks.set(pid, Math.max(peaks.get(pid) ?? 0, usage.peakRssBytes))
    }
    const totals = watch.totals()
    const nowMs = performance.now()
    if (first === undefined && totals.rows > 0) first = { atMs: nowMs, rows: totals.rows }
    if (totals.rows >= rows)
      return summary(label, totals, { startedMs, nowMs, first: first ?? { atMs: nowMs, rows: 0 }, cpu, peaks })
    if (alive === 0) throw new Error(`${label}: every process ended at ${totals.rows} of ${rows} rows`)
    if (nowMs - startedMs > timeoutMs) throw new Error(`${label}: ${totals.rows} of ${rows} rows after ${timeoutMs} ms`)
    await delay(sampleMs)
  }
}

function summary(
  label: string,
  totals: LogTotals,
  run: {
    readonly startedMs: number
    readonly nowMs: number
    readonly first: { readonly atMs: number; readonly rows: number }
    readonly cpu: ReadonlyMap<number, number>
    readonly peaks: ReadonlyMap<number, number>
  },
): RunMeasure {
  const add = (values: Iterable<number>): number => [...values].reduce((sum, value) => sum + value, 0)
  const steadySeconds = Math.max(0.001, (run.nowMs - run.first.atMs) / 1000)
  const wallSeconds = (run.nowMs - run.startedMs) / 1000
  const steady = totals.rows - run.first.rows
  return {
    label,
    ...totals,
    wallSeconds,
    eventsPerSecond: steady > 0 ? steady / steadySeconds : totals.rows / wallSeconds,
    cpuMicrosPerEvent: (add(run.cpu.values()) * 1000) / totals.rows,
    bytesPerEvent: totals.fileBytes / totals.rows,
    peakRssMiB: add(run.peaks.values()) / 2 ** 20,
  }
}
