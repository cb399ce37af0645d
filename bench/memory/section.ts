import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { startServers } from '../../tests/servers/index.ts'
import { createTopic } from '../../tests/support/topics.ts'
import { createEventMaker, typicalEvents, type EventMaker } from '../events/event-maker.ts'
import { environment } from '../measure/environment.ts'
import { GoAhead } from '../measure/go-ahead.ts'
import { fillTopic, topicPartitions } from '../pipeline/fill-topic.ts'
import { withSilt, type PipelineTarget } from '../pipeline/runs.ts'
import { resultPath, writeResult } from '../results.ts'
import { largeEvent } from './large-event.ts'
import { MemoryWatch, type MemorySeries } from './measure-memory.ts'

export const memoryHelp = `npm run bench -- memory [--events 20000000] [--wait] [--out FILE]

What is resident of Silt's three processes (two unit threads), million by million of a topic of typical events; then the topic goes on, three millions more as fast as
they are produced, the second of which begins with one event of 16 MB. Once with an empty compile cache (NODE_COMPILE_CACHE), once with the one that the
first run left. Fewer than five million events are told in fifths. Linux.

  --wait       waits for a line on stdin before each run
  --out FILE   where the results go; default bench/results/memory.json
`

export interface MemoryResult {
  readonly cache: 'cold' | 'warm'
  /** The topic's, before it goes on. */
  readonly events: number
  /** Events of a part of the series: those of the topic, one part, one with the large event, one after it. */
  readonly partEvents: number
  readonly largeBytes: number
  readonly series: readonly MemorySeries[]
  /** How often a unit thread had let go of its memory. */
  readonly replaced: { readonly beforeLarge: number; readonly atEnd: number }
}

const million = 1_000_000
const largeBytes = 16_000_000
const threads = 2

export async function runMemory(args: string[]): Promise<void> {
  const { values } = parseArgs({
    args,
    options: {
      events: { type: 'string', default: '20000000' },
      wait: { type: 'boolean', default: false },
      out: { type: 'string', default: resultPath('memory') },
    },
  })
  const events = Number(values.events)
  const folder = mkdtempSync(join(tmpdir(), 'silt-memory-'))
  const servers = await startServers({ kafka: { fastTimeouts: false }, redis: {} })
  const goAhead = new GoAhead(values.wait)
  try {
    const { kafka, redis } = servers.settings
    const measured: MemoryResult[] = []
    for (const cache of ['cold', 'warm'] as const) {
      const target: PipelineTarget = {
        bootstrapServers: kafka.bootstrapServers,
        redisUrl: redis.url,
        topic: `memory-${cache}`,
        folder,
        s3: undefined,
        events,
      }
      const maker = createEventMaker(typicalEvents)
      await createTopic(target.bootstrapServers, target.topic, topicPartitions, {
        'max.message.bytes': String(2 * largeBytes),
      })
      console.error(`producing ${events} events`)
      await fillTopic(target.bootstrapServers, target.topic, maker, events)
      await goAhead.before(`three processes, ${cache} compile cache`)
      const result = await measureMemory(cache, target, maker, join(folder, 'compiled'))
      console.error(lineOf(result))
      measured.push(result)
    }
    writeResult(values.out, { environment: environment('memory', args), measured })
  } finally {
    goAhead.close()
    await servers.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

async function measureMemory(
  cache: MemoryResult['cache'],
  target: PipelineTarget,
  maker: EventMaker,
  cacheFolder: string,
): Promise<MemoryResult> {
  const { events, bootstrapServers, topic } = target
  const partEvents = Math.min(million, Math.ceil(events / 5))
  const large = largeEvent(maker, largeBytes)
  const extra = { REDIS_URL: target.redisUrl, WRITER_THREADS: String(threads), NODE_COMPILE_CACHE: cacheFolder }
  return withSilt(`memory-${cache}`, target, ['committer', 'ingestor', 'writer'], extra, async (silt) => {
    const watch = new MemoryWatch(silt, partEvents)
    await watch.until(events)
    const more = fillTopic(bootstrapServers, topic, maker, 3 * partEvents - 1)
    await watch.until(events + partEvents)
    const beforeLarge = await watch.replaced()
    await produceLarge(bootstrapServers, topic, large)
    await Promise.all([watch.until(events + 3 * partEvents), more])
    const replaced = { beforeLarge, atEnd: await watch.replaced() }
    return { cache, events, partEvents, largeBytes, series: watch.series, replaced }
  })
}

async function produceLarge(bootstrapServers: string, topic: string, value: string): Promise<void> {
  const kafka = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ value, partition: 0 }], compression: CompressionTypes.None })
  await producer.disconnect()
}

function lineOf({ cache, series, replaced }: MemoryResult): string {
  const each = series.map(({ name, highestMiB }) => `${name} ${highestMiB.map((mib) => mib.toFixed(0)).join(' ')}`)
  return `${cache}: ${each.join('; ')}; threads renewed ${replaced.beforeLarge}, at the end ${replaced.atEnd}`
}
