import { setTimeout as delay } from 'node:timers/promises'
import type { ObjectStore } from '@silt/core'
import { spreadOf } from '../measure/spread.ts'
import { LogWatch, type LogTotals } from './log-watch.ts'
import { processUsage } from './process-usage.ts'

export interface ProcessMeasure {
  readonly name: string
  readonly cpuMicrosPerEvent: number
  readonly peakRssMiB: number
  /** Highest while the first and the last million of rows (a fifth of them, where they are fewer than five million) were committed. */
  readonly firstRssMiB: number
  readonly lastRssMiB: number
}

export interface RunMeasure extends LogTotals {
  readonly label: string
  /** From the processes' start to the last row in the log. */
  readonly wallSeconds: number
  readonly eventsPerSecond: number
  /** From the first commit with rows to the last: the rate without start-up. */
  readonly steadyEventsPerSecond: number
  /** All processes. */
  readonly cpuMicrosPerEvent: number
  /** The same of what came after the first million rows (a fifth of them, where they are fewer than five million): without start-up. Absent in older results. */
  readonly laterCpuMicrosPerEvent?: number
  readonly bytesPerEvent: number
  readonly processes: readonly ProcessMeasure[]
}

interface Moment {
  readonly atMs: number
  readonly rows: number
  /** By process; undefined for one that is gone. */
  readonly usages: readonly ReturnType<typeof processUsage>[]
}

export interface Watched {
  readonly label: string
  /** The table's folder. */
  readonly store: ObjectStore
  /** Until it holds so many. */
  readonly rows: number
  readonly processes: readonly { readonly name: string; readonly pid: number }[]
  /** When they were started, of `performance.now()`. */
  readonly startedMs: number
  /** 50 ms: what is measured is late by at most that much. */
  readonly sampleMs: number
  readonly timeoutMs: number
}

const million = 1_000_000

/**
 * Waits until the table holds `rows` rows, sampling the processes; CPU is counted from their start up to that moment.
 * Throws after `timeoutMs`, and when every process has ended before.
 */
export async function measureRun(run: Watched): Promise<RunMeasure> {
  const watch = new LogWatch(run.store)
  const moments: Moment[] = []
  for (;;) {
    const totals = await watch.totals()
    const usages = run.processes.map(({ pid }) => processUsage(pid))
    const atMs = performance.now() - run.startedMs
    moments.push({ atMs, rows: totals.rows, usages })
    if (totals.rows >= run.rows) return summary(run, totals, moments)
    const where = `${run.label}: ${totals.rows} of ${run.rows} rows`
    if (usages.every((usage) => usage === undefined)) throw new Error(`${where}: every process has ended`)
    if (atMs > run.timeoutMs) throw new Error(`${where} after ${run.timeoutMs} ms`)
    await delay(run.sampleMs)
  }
}

function summary(run: Watched, totals: LogTotals, moments: readonly Moment[]): RunMeasure {
  const last = moments.at(-1) as Moment
  const first = moments.find(({ rows }) => rows > 0) ?? last
  const part = Math.min(million, totals.rows / 5)
  const processes = run.processes.map(({ name }, index) => {
    const usages = moments.flatMap(({ rows, usages: each }) => ({ rows, usage: each[index] }))
    const seen = usages.flatMap(({ rows, usage }) => (usage === undefined ? [] : [{ rows, ...usage }]))
    const highest = (of: typeof seen): number => Math.max(0, ...of.map(({ rssBytes }) => rssBytes)) / 2 ** 20
    return {
      name,
      cpuMicrosPerEvent: ((seen.at(-1)?.cpuMs ?? 0) * 1000) / totals.rows,
      peakRssMiB: Math.max(0, ...seen.map(({ peakRssBytes }) => peakRssBytes)) / 2 ** 20,
      firstRssMiB: highest(seen.filter(({ rows }) => rows > 0 && rows <= part)),
      lastRssMiB: highest(seen.filter(({ rows }) => rows > totals.rows - part)),
    }
  })
  const steadySeconds = (last.atMs - first.atMs) / 1000
  const wallSeconds = last.atMs / 1000
  return {
    label: run.label,
    ...totals,
    wallSeconds,
    eventsPerSecond: totals.rows / wallSeconds,
    steadyEventsPerSecond: steadySeconds > 0 ? (totals.rows - first.rows) / steadySeconds : totals.rows / wallSeconds,
    cpuMicrosPerEvent: processes.reduce((sum, each) => sum + each.cpuMicrosPerEvent, 0),
    laterCpuMicrosPerEvent: cpuMicrosBetween(moments.find(({ rows }) => rows >= part) ?? first, last),
    bytesPerEvent: totals.fileBytes / totals.rows,
    processes,
  }
}

function cpuMicrosBetween(from: Moment, to: Moment): number {
  const cpuMs = ({ usages }: Moment): number => usages.reduce((sum, usage) => sum + (usage?.cpuMs ?? 0), 0)
  return ((cpuMs(to) - cpuMs(from)) * 1000) / Math.max(1, to.rows - from.rows)
}

/** Of several runs of one contender, the medians. */
export function medianRun(runs: readonly RunMeasure[]): RunMeasure {
  const [first] = runs
  if (first === undefined) throw new Error('there is no run')
  const of = (value: (run: RunMeasure) => number): number => spreadOf(runs.map(value)).median
  return {
    label: first.label,
    rows: of(({ rows }) => rows),
    files: of(({ files }) => files),
    fileBytes: of(({ fileBytes }) => fileBytes),
    logBytes: of(({ logBytes }) => logBytes),
    dataCommits: of(({ dataCommits }) => dataCommits),
    wallSeconds: of(({ wallSeconds }) => wallSeconds),
    eventsPerSecond: of(({ eventsPerSecond }) => eventsPerSecond),
    steadyEventsPerSecond: of(({ steadyEventsPerSecond }) => steadyEventsPerSecond),
    cpuMicrosPerEvent: of(({ cpuMicrosPerEvent }) => cpuMicrosPerEvent),
    laterCpuMicrosPerEvent: of(({ laterCpuMicrosPerEvent }) => laterCpuMicrosPerEvent ?? Number.NaN),
    bytesPerEvent: of(({ bytesPerEvent }) => bytesPerEvent),
    processes: first.processes.map(({ name }, index) => {
      const ofProcess = (value: (process: ProcessMeasure) => number): number =>
        of(({ processes }) => value(processes[index] as ProcessMeasure))
      return {
        name,
        cpuMicrosPerEvent: ofProcess(({ cpuMicrosPerEvent }) => cpuMicrosPerEvent),
        peakRssMiB: ofProcess(({ peakRssMiB }) => peakRssMiB),
        firstRssMiB: ofProcess(({ firstRssMiB }) => firstRssMiB),
        lastRssMiB: ofProcess(({ lastRssMiB }) => lastRssMiB),
      }
    }),
  }
}
