import type { Settings } from '@silt/config'
import { tableLabel } from '@silt/contracts'
import { asSiltError } from '@silt/core'
import { createJsonLog, Health, PrometheusMetrics, startOpsServer } from '@silt/telemetry'
import type { Terminal } from '../terminal.ts'
import type { ServiceName, ServiceParts } from './service-parts.ts'
import { warnOfNearMisses } from './warn-of-near-misses.ts'

/** Each loads its own parts: a console no kafkajs, a collector no queue page. */
const runs: Readonly<Record<ServiceName, (parts: ServiceParts) => Promise<void>>> = {
  collector: async (parts) => (await import('./collector-run.ts')).collectorRun(parts),
  console: async (parts) => (await import('./console-run.ts')).consoleRun(parts),
}

/**
 * Runs one service, with health and metrics on OPS_PORT as every actor has, until the terminal's signal aborts.
 * Errors: `ops/…` (invalid) before anything starts; what ended the service.
 */
export async function runService(name: ServiceName, settings: Settings, terminal: Terminal): Promise<void> {
  const log = createJsonLog({ level: settings.LOG_LEVEL, secrets: terminal.secrets }).child({ actor: name })
  const metrics = new PrometheusMetrics({ processMetrics: true })
  metrics.begin([name], tableLabel(settings.DELTA_TABLE_PATH))
  const health = new Health([name], (actor, ready) => metrics.gauge('silt_ready', { actor }, ready ? 1 : 0))
  const ops = await startOpsServer({ host: settings.OPS_HOST, port: settings.OPS_PORT, health, metrics })
  log.info({ opsPort: ops.port }, 'starting')
  warnOfNearMisses(terminal, log)
  try {
    await runs[name]({
      settings,
      terminal,
      log,
      metrics,
      onReady: () => health.ready(name),
      onWaiting: (why) => health.waiting(name, why),
    })
  } catch (error) {
    health.failed(name, asSiltError(error).message)
    throw error
  } finally {
    await ops.close()
    log.info({}, 'stopped')
  }
}
