import type { ServerSettings } from '../../tests/servers/index.ts'
import { deployment, startActors, type Deployment } from '../../tests/support/deployment.ts'
import { killAllSilt } from '../../tests/support/silt-process.ts'
import { TableWatch } from '../../tests/support/table-watch.ts'
import { topicEnds } from '../../tests/support/topics.ts'
import { waitFor } from '../../tests/support/wait-for.ts'
import { processUsage } from '../pipeline/process-usage.ts'
import { untilReady } from './measure-rate.ts'

const backlogMsMax = 300_000

export interface BacklogMeasure {
  readonly writers: number
  readonly threads: number
  readonly eventsPerSecond: number
  /** CPU of all writers over wall time. */
  readonly writerCores: number
}

/** So many writers, of so many encoding threads each, on a backlog that is there before they are. */
export async function measureBacklog(
  servers: Pick<ServerSettings, 'kafka' | 'redis' | 'minio'>,
  options: { readonly topic: string; readonly writers: number; readonly threads: number },
): Promise<BacklogMeasure> {
  const { topic, writers, threads } = options
  const name = `sizing-backlog-${writers}-${threads}`
  const base = deployment(servers, name, {
    KAFKA_TOPIC: topic,
    KAFKA_GROUP_ID: name,
    WRITER_THREADS: String(threads),
    UNIT_MAX_OFFSETS: '25000',
    LOG_LEVEL: 'info',
  })
  const target: Deployment = { ...base, topic }
  const own = startActors(target, { writer: writers })
  const others = startActors(target, { committer: 1 })
  const watch = new TableWatch(target)
  try {
    for (const each of [...others, ...own]) await untilReady(each)
    const cpu = (): number => own.reduce((sum, each) => sum + (processUsage(each.pid)?.cpuMs ?? 0), 0)
    const ends = await topicEnds(servers.kafka.bootstrapServers, topic)
    const total = [...ends.values()].reduce((sum, end) => sum + end, 0)
    const done = (): number => [...ends.keys()].reduce((sum, partition) => sum + watch.next(partition), 0)
    others.push(...startActors(target, { ingestor: 1 }))
    const [first, firstCpuMs] = await waitFor(
      'the first rows',
      () => (done() > 0 ? [done(), cpu()] : undefined),
      60_000,
      20,
    )
    const startMs = performance.now()
    await waitFor('the backlog to be committed', () => done() >= total || undefined, backlogMsMax, 20)
    const elapsedMs = performance.now() - startMs
    const eventsPerSecond = ((total - first) * 1000) / elapsedMs
    return { writers, threads, eventsPerSecond, writerCores: (cpu() - firstCpuMs) / elapsedMs }
  } catch (error) {
    throw new Error([...own, ...others].map((each) => each.tail()).join('\n'), { cause: error })
  } finally {
    await watch.stop().catch(() => undefined)
    await killAllSilt()
  }
}
