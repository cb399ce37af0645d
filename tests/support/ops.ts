import { metricTable } from '@silt/telemetry'
import type { SiltProcess } from './silt-process.ts'
import { waitFor } from './wait-for.ts'

/** What a process answers on its OPS_PORT. */
export interface Ops {
  readonly port: number
  get(path: string): Promise<{ readonly status: number; readonly body: string }>
  /** Samples of Silt's own metrics, by name without labels: their sum. */
  scrape(): Promise<ReadonlyMap<string, number>>
}

/** Finds the port in the first log lines of `running`. */
export async function opsOf(running: SiltProcess): Promise<Ops> {
  const started = await waitFor('its port', () => running.logs.find(({ msg }) => msg === 'starting'))
  const get = async (path: string): Promise<{ status: number; body: string }> => {
    const response = await fetch(`http://127.0.0.1:${String(started['opsPort'])}${path}`)
    return { status: response.status, body: await response.text() }
  }
  return { port: Number(started['opsPort']), get, scrape: async () => samples((await get('/metrics')).body) }
}

function samples(exposition: string): ReadonlyMap<string, number> {
  const found = new Map<string, number>()
  for (const line of exposition.split('\n')) {
    const [, name, value] = /^(silt_[a-z_]+)(?:\{[^}]*\})? (\S+)/.exec(line) ?? []
    if (name !== undefined) found.set(name, (found.get(name) ?? 0) + Number(value))
  }
  return found
}

/** Names of Silt's metrics that are announced in an exposition and stand in no table. */
export function undocumentedMetrics(exposition: string): readonly string[] {
  const announced = [...exposition.matchAll(/^# TYPE (silt_[a-z_]+)/gm)].map(([, name]) => name ?? '')
  return announced.filter((name) => !(name in metricTable))
}
