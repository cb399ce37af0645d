import { fileURLToPath } from 'node:url'
import type { ServerSettings } from '../../tests/servers/index.ts'
import { deployment, startActors, type Deployment } from '../../tests/support/deployment.ts'
import { runPython } from '../../tests/support/python.ts'
import { killAllSilt } from '../../tests/support/silt-process.ts'
import { tableStore } from '../../tests/support/table-store.ts'
import { createTopic } from '../../tests/support/topics.ts'
import { waitFor } from '../../tests/support/wait-for.ts'
import { untilReady } from './measure-rate.ts'

const script = fileURLToPath(new URL('../../tests/load/steady.py', import.meta.url))
const checkpoints = 3

export interface LogGrowth {
  readonly versions: number
  /** Of the versions that add one file. */
  readonly jsonBytesPerVersion: number
  /** From one checkpoint to the next, by the files between them. */
  readonly checkpointBytesPerFile: number
  readonly checkpointBytes: readonly number[]
}

/** Many small versions in a short time, as one a second makes them over a longer one. */
export async function measureLogGrowth(
  servers: Pick<ServerSettings, 'kafka' | 'redis' | 'minio'>,
  source: string,
): Promise<LogGrowth> {
  const { bootstrapServers } = servers.kafka
  const target = deployment(servers, 'sizing-log', {
    COMMIT_INTERVAL_MIN_MS: '50',
    BATCH_SIZE: '10',
    LOG_LEVEL: 'info',
  })
  await createTopic(bootstrapServers, target.topic, 6)
  const actors = startActors(target, { committer: 1, ingestor: 1, writer: 1 })
  try {
    for (const each of actors) await untilReady(each)
    const produced = runPython(script, [source, bootstrapServers, target.topic, '0,1,2,3,4,5', '1000', '60'])
    const files = await waitFor(
      'three checkpoints',
      async () => {
        const found = await logFiles(target)
        return found.filter(({ key }) => key.includes('.checkpoint.')).length >= checkpoints ? found : undefined
      },
      120_000,
      1_000,
    )
    await produced
    const json = files.filter(({ key }) => /\/0*\d+\.json$/.test(`/${key}`)).map(({ size }) => size)
    const checkpointBytes = files.filter(({ key }) => key.includes('.checkpoint.')).map(({ size }) => size)
    const [first = 0, last = 0] = [checkpointBytes[0], checkpointBytes.at(-1)]
    return {
      versions: json.length,
      jsonBytesPerVersion: json.reduce((sum, size) => sum + size, 0) / json.length,
      checkpointBytesPerFile: (last - first) / (100 * (checkpointBytes.length - 1)),
      checkpointBytes,
    }
  } finally {
    await killAllSilt()
  }
}

async function logFiles(target: Deployment): Promise<readonly { readonly key: string; readonly size: number }[]> {
  const store = tableStore(target)
  try {
    const files: { key: string; size: number }[] = []
    for await (const { key, sizeBytes } of store.list('_delta_log/')) files.push({ key, size: sizeBytes })
    return files.sort((a, b) => a.key.localeCompare(b.key))
  } finally {
    await store.close()
  }
}
