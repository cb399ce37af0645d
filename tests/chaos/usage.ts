import { readdirSync, readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import { redisInfo } from '../servers/redis-wire.ts'
import type { Deployment } from '../support/deployment.ts'
import { tableStore } from '../support/table-store.ts'
import type { Point } from './growth.ts'

/** What is measured, by name: `memory writer-0`, `descriptors writer-0`, `redis`, `log objects`, `log bytes`. */
export type Series = Map<string, Point[]>

/** Measures processes (by /proc: Linux), a Redis and a table's log, until the signal aborts. What is away at a moment has no point there. */
export async function measureUsage(
  {
    pids,
    redisPort,
    direct,
    everyMs,
  }: {
    /** Names to process ids, as they are now. */
    readonly pids: () => Readonly<Record<string, number>>
    readonly redisPort: number
    readonly direct: Deployment
    readonly everyMs: number
  },
  series: Series,
  signal: AbortSignal,
): Promise<void> {
  const store = tableStore(direct)
  const add = (name: string, atMs: number, value: number): void => {
    const points = series.get(name) ?? []
    series.set(name, points)
    points.push({ atMs, value })
  }
  try {
    while (!signal.aborted) {
      const atMs = Date.now()
      for (const [name, pid] of Object.entries(pids())) {
        const usage = processUsage(pid)
        if (usage === undefined) continue
        add(`memory ${name}`, atMs, usage.residentBytes)
        add(`descriptors ${name}`, atMs, usage.descriptors)
      }
      const info = await redisInfo(redisPort, 'memory')
      add('redis', atMs, Number(info.get('used_memory')))
      let [objects, bytes] = [0, 0]
      for await (const { sizeBytes } of store.list('_delta_log/')) {
        objects++
        bytes += sizeBytes
      }
      add('log objects', atMs, objects)
      add('log bytes', atMs, bytes)
      await delay(Math.max(0, atMs + everyMs - Date.now()), undefined, { signal }).catch(() => undefined)
    }
  } finally {
    await store.close()
  }
}

function processUsage(pid: number): { readonly residentBytes: number; readonly descriptors: number } | undefined {
  try {
    const [, kilobytes] = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8')) ?? []
    if (kilobytes === undefined) return undefined
    return { residentBytes: Number(kilobytes) * 1024, descriptors: readdirSync(`/proc/${pid}/fd`).length }
  } catch {
    return undefined
  }
}
