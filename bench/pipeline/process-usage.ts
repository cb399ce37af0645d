import { readFileSync, writeFileSync } from 'node:fs'
import { execFileSync } from 'node:child_process'

/** What one process has used so far, its threads included (Linux: /proc). */
export interface ProcessUsage {
  /** User and system time. */
  readonly cpuMs: number
  readonly rssBytes: number
  readonly peakRssBytes: number
}

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** Undefined once the process is gone. */
export function processUsage(pid: number): ProcessUsage | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const cpuMs = ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const bytes = (name: string): number => Number(new RegExp(`${name}:\\s+(\\d+) kB`).exec(status)?.[1] ?? 0) * 1024
    return { cpuMs, rssBytes: bytes('VmRSS'), peakRssBytes: bytes('VmHWM') }
  } catch {
    return undefined
  }
}

/** The highest RSS of a process since this was last asked; from then on its `peakRssBytes` counts from there too. Undefined once the process is gone. */
export function takeHighestRss(pid: number): number | undefined {
  const highest = processUsage(pid)?.peakRssBytes
  if (highest === undefined) return undefined
  try {
    // Sets VmHWM back to what is resident now (proc(5)).
    writeFileSync(`/proc/${pid}/clear_refs`, '5')
  } catch {
    return undefined
  }
  return highest
}
