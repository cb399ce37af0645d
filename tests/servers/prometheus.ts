import { cp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { serverCommand } from './engine.ts'
import type { ServerRecipe } from './engine.ts'
import { freePort } from './ports.ts'
import { prometheusMissing, prometheusPrograms } from './prometheus-install.ts'
import { handleOf, newDataDir, ServerProcess } from './server-process.ts'
import type { ServerHandle } from './server-process.ts'
import { runTool } from './tools.ts'

export interface PrometheusOptions {
  /** host:port of what it scrapes, every second, as job `silt`. */
  readonly targets: readonly string[]
  /** Folder of rule files (`*.yaml`), evaluated every second. */
  readonly rules: string
}

export interface PrometheusSettings {
  readonly url: string
}

export const prometheusRecipe: ServerRecipe = {
  name: 'prometheus',
  image: 'prom/prometheus:v2.53.4',
  entrypoint: '/bin/prometheus',
  nativeMissing: prometheusMissing,
  native: async () => join(await prometheusPrograms(), 'prometheus'),
}

const promtoolRecipe: ServerRecipe = {
  ...prometheusRecipe,
  entrypoint: '/bin/promtool',
  native: async () => join(await prometheusPrograms(), 'promtool'),
}

/** A Prometheus without history on a free port of 127.0.0.1, with the rules as they are; ready to be asked. */
export async function startPrometheus(options: PrometheusOptions): Promise<ServerHandle<PrometheusSettings>> {
  const dataDir = await newDataDir('prometheus')
  const port = await freePort()
  await cp(options.rules, join(dataDir, 'rules'), { recursive: true })
  const config = {
    global: { scrape_interval: '1s', scrape_timeout: '1s', evaluation_interval: '1s' },
    rule_files: ['rules/*.yaml'],
    scrape_configs: [{ job_name: 'silt', static_configs: [{ targets: options.targets }] }],
  }
  // JSON is YAML.
  await writeFile(join(dataDir, 'prometheus.yml'), JSON.stringify(config))
  const args = [
    `--config.file=${join(dataDir, 'prometheus.yml')}`,
    `--storage.tsdb.path=${join(dataDir, 'data')}`,
    `--web.listen-address=127.0.0.1:${port}`,
  ]
  const url = `http://127.0.0.1:${port}`
  const server = new ServerProcess({
    name: 'prometheus',
    dataDir,
    ports: [port],
    command: await serverCommand(prometheusRecipe, args, { dataDir }),
    ready: async () => (await fetch(`${url}/-/ready`)).ok,
    startMsMax: 120_000,
    stopMsMax: 10_000,
  })
  await server.start()
  return handleOf(server, { url })
}

/** Runs `promtool …` in a copy of the folder of rules; throws with what it says when it is not content. */
export async function promtool(rules: string, args: readonly string[]): Promise<void> {
  const dataDir = await newDataDir('promtool')
  await cp(rules, dataDir, { recursive: true })
  try {
    const command = await serverCommand(promtoolRecipe, args, { dataDir })
    await runTool(command.file, command.args, { timeoutMs: 180_000, cwd: dataDir, ...command })
  } finally {
    await rm(dataDir, { recursive: true })
  }
}
