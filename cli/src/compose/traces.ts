import type { Settings } from '@silt/config'
import type { Log, Metrics } from '@silt/core'
import { openTraces, type OpenTraces } from '@silt/telemetry'
import type { Terminal } from '../terminal.ts'

/** Traces where OTEL_EXPORTER_OTLP_ENDPOINT asks for them; without it nothing of them is loaded. Throws `traces/headers` (invalid). */
export async function tracesOf(
  settings: Settings,
  actors: readonly string[],
  { clock, random, secrets }: Pick<Terminal, 'clock' | 'random' | 'secrets'>,
  { log, metrics }: { readonly log: Log; readonly metrics: Metrics },
): Promise<OpenTraces | undefined> {
  const endpoint = settings.OTEL_EXPORTER_OTLP_ENDPOINT
  if (endpoint === undefined) return undefined
  const service = actors.length === 1 ? `silt-${actors[0]}` : 'silt'
  return openTraces({
    endpoint,
    headers: settings.OTEL_EXPORTER_OTLP_HEADERS,
    service,
    actors,
    clock,
    random,
    log,
    metrics,
    secrets,
  })
}
