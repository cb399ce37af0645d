import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { startServers } from '../../tests/servers/index.ts'
import { createTopic } from '../../tests/support/topics.ts'
import { createEventMaker, typicalEvents } from '../events/event-maker.ts'
import { environment } from '../measure/environment.ts'
import { GoAhead } from '../measure/go-ahead.ts'
import { resultPath, writeResult } from '../results.ts'
import { fillTopic, topicPartitions } from './fill-topic.ts'
import { medianRun, type RunMeasure } from './measure-run.ts'
import { peerAway, pipelineContenders, type PipelineTarget } from './runs.ts'

export const pipelineHelp = `npm run bench -- pipeline [--events 5000000] [--runs 5] [--peer-events N] [--peer-runs N] [--minio-runs 0] [--wait] [--out FILE]

Whole processes on one topic of typical events (6 partitions, lz4 by librdkafka), each from a cold start to its last commit, in turn: Silt in one process,
Silt as ingestor, writer and committer with Redis between, and the hand-written Python writer where ../shared/peers lies beside the project. Broker and
Redis run on the same cores. Tables are local folders. Medians of --runs.

  --peer-events N   events after which the Python writer is stopped; default --events
  --peer-runs N     its runs; default --runs
  --minio-runs N    runs of Silt into a bucket of MinIO on the same cores besides, told apart
  --wait            waits for a line on stdin before each run, for machines that have to be made quiet for it
  --only TEXT       embedded, separate or peer
  --out FILE        where the results go; default bench/results/pipeline.json
`

export interface PipelineResult {
  readonly events: number
  readonly eventBytes: number
  readonly store: 'folder' | 'minio'
  readonly median: RunMeasure
  readonly runs: readonly RunMeasure[]
}

export async function runPipeline(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      events: { type: 'string', default: '5000000' },
      runs: { type: 'string', default: '5' },
      'peer-events': { type: 'string' },
      'peer-runs': { type: 'string' },
      'minio-runs': { type: 'string', default: '0' },
      wait: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      out: { type: 'string', default: resultPath('pipeline') },
    },
  })
  const events = Number(values.events)
  const runs = Number(values.runs)
  const minioRuns = Number(values['minio-runs'])
  const folder = mkdtempSync(join(tmpdir(), 'silt-pipeline-'))
  const servers = await startServers({
    kafka: { fastTimeouts: false },
    redis: {},
    ...(minioRuns > 0 ? { minio: {} } : {}),
  })
  const { kafka, redis, minio } = servers.settings
  const goAhead = new GoAhead(values.wait)
  try {
    const away = peerAway()
    if (away !== undefined) console.error(`the hand-written Python writer is not measured: ${away}`)
    const target: PipelineTarget = {
      bootstrapServers: kafka.bootstrapServers,
      redisUrl: redis.url,
      topic: 'pipeline',
      folder,
      s3: undefined,
      events,
    }
    await createTopic(target.bootstrapServers, target.topic, topicPartitions)
    console.error(`producing ${events} events`)
    const maker = createEventMaker(typicalEvents)
    const eventBytes = await fillTopic(target.bootstrapServers, target.topic, maker, events)
    const ofPeer = {
      events: Number(values['peer-events'] ?? events),
      runs: Number(values['peer-runs'] ?? runs),
    }
    const measures: { readonly store: PipelineResult['store']; readonly measure: RunMeasure }[] = []
    for (let round = 1; round <= Math.max(runs, ofPeer.runs, minioRuns); round++)
      for (const store of ['folder', 'minio'] as const)
        for (const { name, run } of pipelineContenders) {
          const isWanted = round <= (store === 'minio' ? minioRuns : name === 'peer' ? ofPeer.runs : runs)
          if (!isWanted || !name.includes(values.only)) continue
          await goAhead.before(`${name} into a ${store}, round ${round}`)
          const s3 = store === 'minio' ? minio : undefined
          const measure = await run({ ...target, s3, events: name === 'peer' ? ofPeer.events : events }, round)
          if (measure === undefined) continue
          console.error(lineOf(measure, store))
          measures.push({ store, measure })
        }
    const results = [...Map.groupBy(measures, ({ store, measure }) => `${measure.label} ${store}`).values()].map(
      (group): PipelineResult => {
        const of = group.map(({ measure }) => measure)
        const median = medianRun(of)
        return { events: median.rows, eventBytes, store: group[0]?.store ?? 'folder', median, runs: of }
      },
    )
    writeResult(values.out, { environment: environment('pipeline', args), measured: results })
  } finally {
    goAhead.close()
    await servers.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

function lineOf(measure: RunMeasure, store: string): string {
  const { label, wallSeconds, eventsPerSecond, cpuMicrosPerEvent, bytesPerEvent, processes } = measure
  const each = processes.map(
    ({ name, cpuMicrosPerEvent: micros, peakRssMiB, firstRssMiB, lastRssMiB }) =>
      `${name} ${micros.toFixed(2)} µs, ${peakRssMiB.toFixed(0)} MiB (${firstRssMiB.toFixed(0)} to ${lastRssMiB.toFixed(0)})`,
  )
  return `${label}, ${store}: ${wallSeconds.toFixed(2)} s, ${eventsPerSecond.toFixed(0)} events/s, ${cpuMicrosPerEvent.toFixed(2)} µs/event, ${bytesPerEvent.toFixed(1)} B/event; ${each.join('; ')}`
}
