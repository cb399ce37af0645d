import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ServerSettings } from '../../tests/servers/index.ts'
import { deployment, startActor, type ActorKind, type Deployment } from '../../tests/support/deployment.ts'
import { opsOf } from '../../tests/support/ops.ts'
import { runPython } from '../../tests/support/python.ts'
import { killAllSilt, type SiltProcess } from '../../tests/support/silt-process.ts'
import { tableStore } from '../../tests/support/table-store.ts'
import { TableWatch } from '../../tests/support/table-watch.ts'
import { createTopic, topicEnds } from '../../tests/support/topics.ts'
import { waitFor } from '../../tests/support/wait-for.ts'
import { processUsage } from '../pipeline/process-usage.ts'

const script = fileURLToPath(new URL('../../tests/load/steady.py', import.meta.url))
const partitionCount = 6
const warmSeconds = 10
const measureSeconds = 40
const settleMsMax = 300_000

export interface ActorUse {
  /** CPU over wall time of the busiest process of its kind. */
  readonly cores: number
  /** Peak resident memory of the largest. */
  readonly megabytes: number
}

export interface RateMeasure {
  /** As produced; less than asked for where the machine could not. */
  readonly eventsPerSecond: number
  readonly writers: number
  readonly use: Readonly<Record<ActorKind, ActorUse>>
  readonly redisMegabytes: number
  readonly versionsPerSecond: number
  readonly tableBytesPerEvent: number
  /** From the last event's delivery to the commit that holds it. */
  readonly settledMs: number
}

/** One ingestor, one committer and so many writers, default settings, at a steady rate. */
export async function measureRate(
  servers: Pick<ServerSettings, 'kafka' | 'redis' | 'minio'>,
  options: { readonly rate: number; readonly writers: number; readonly source: string; readonly redisPid: number },
): Promise<RateMeasure> {
  const { rate, writers, source, redisPid } = options
  const { bootstrapServers } = servers.kafka
  const target = deployment(servers, `sizing-${rate}`, { LOG_LEVEL: 'info' })
  await createTopic(bootstrapServers, target.topic, partitionCount)
  const kinds: readonly ActorKind[] = ['committer', 'ingestor', ...Array<ActorKind>(writers).fill('writer')]
  const actors = kinds.map((kind, index) => ({ kind, process: startActor(target, kind, `${kind}-${index}`) }))
  const watch = new TableWatch(target)
  try {
    for (const { process } of actors) await untilReady(process)
    const seconds = warmSeconds + measureSeconds
    const partitions = Array.from({ length: partitionCount }, (_, index) => index).join(',')
    const args = [source, bootstrapServers, target.topic, partitions, String(rate), String(seconds)]
    const produced = runPython<{ readonly startMs: number; readonly endMs: number; readonly records: number }>(
      script,
      args,
    )
    await delay(warmSeconds * 1000)
    const before = actors.map(({ process }) => processUsage(process.pid)?.cpuMs ?? 0)
    const versionsBefore = watch.versions.length
    const startMs = performance.now()
    await delay(measureSeconds * 1000)
    const elapsedMs = performance.now() - startMs
    const after = actors.map(({ process }) => processUsage(process.pid))
    const versions = watch.versions.length - versionsBefore
    const { startMs: startedMs, endMs, records } = await produced
    const ends = await topicEnds(bootstrapServers, target.topic)
    const isSettled = (): boolean => [...ends].every(([partition, end]) => watch.next(partition) >= end)
    await waitFor('all to be committed', () => isSettled() || undefined, settleMsMax)
    const use = (kind: ActorKind): ActorUse => {
      const own = actors.flatMap((each, index) => (each.kind === kind ? [index] : []))
      return {
        cores: Math.max(...own.map((index) => ((after[index]?.cpuMs ?? 0) - (before[index] ?? 0)) / elapsedMs)),
        megabytes: Math.max(...own.map((index) => (after[index]?.peakRssBytes ?? 0) / 2 ** 20)),
      }
    }
    return {
      eventsPerSecond: (records * 1000) / (endMs - startedMs),
      writers,
      use: { writer: use('writer'), ingestor: use('ingestor'), committer: use('committer') },
      redisMegabytes: (processUsage(redisPid)?.peakRssBytes ?? 0) / 2 ** 20,
      versionsPerSecond: (versions * 1000) / elapsedMs,
      tableBytesPerEvent: (await dataBytes(target)) / records,
      settledMs: Math.max(0, (watch.versions.at(-1)?.seenAtMs ?? 0) - endMs),
    }
  } catch (error) {
    throw new Error(actors.map(({ process }) => process.tail()).join('\n'), { cause: error })
  } finally {
    await watch.stop().catch(() => undefined)
    await killAllSilt()
  }
}

export async function untilReady(process: SiltProcess): Promise<void> {
  const ops = await opsOf(process)
  await waitFor(`${process.name} to be ready`, async () => {
    const answer = await ops.get('/readyz').catch(() => undefined)
    return answer?.status === 200 || undefined
  })
}

async function dataBytes(target: Deployment): Promise<number> {
  const store = tableStore(target)
  try {
    let bytes = 0
    for await (const { key, sizeBytes } of store.list('')) if (!key.startsWith('_')) bytes += sizeBytes
    return bytes
  } finally {
    await store.close()
  }
}
