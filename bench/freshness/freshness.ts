import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { seededRandom } from '@silt/core'
import { HyparquetReader } from '@silt/parquet'
import { createEventGenerator } from '@silt/cli/demo-events'
import { killAllSilt, SiltProcess } from '../../tests/support/silt-process.ts'
import { tableStore } from '../../tests/support/table-store.ts'
import { createTopic } from '../../tests/support/topics.ts'
import { waitFor } from '../../tests/support/wait-for.ts'
import { LogWatch } from '../pipeline/log-watch.ts'

export interface Freshness {
  readonly events: number
  /** From the record's Kafka timestamp to the modification time of the commit that holds it. */
  readonly p50Ms: number
  readonly p99Ms: number
  readonly filesPerMinute: number
  readonly versionsPerMinute: number
}

const eventsPerSecond = 200
const tickMs = 50

export interface FreshnessTarget {
  readonly bootstrapServers: string
  readonly redisUrl: string
  /** Where the tables go. */
  readonly folder: string
}

export interface FreshnessOptions {
  readonly run: number
  readonly seconds: number
  readonly ingestors: number
  /** Where the processes' debug lines are kept; undefined: they log warnings only. */
  readonly logFolder: string | undefined
}

/** A steady trickle into a committer, a writer and ingestors, each a process, with a time-out of 1 s. */
export async function measureFreshness(target: FreshnessTarget, options: FreshnessOptions): Promise<Freshness> {
  const { run, seconds, logFolder } = options
  const topic = `bench-fresh-${run}`
  const table = join(target.folder, `fresh-${run}`)
  await createTopic(target.bootstrapServers, topic, 6)
  const environment = {
    KAFKA_BOOTSTRAP_SERVERS: target.bootstrapServers,
    KAFKA_TOPIC: topic,
    REDIS_URL: target.redisUrl,
    DELTA_TABLE_PATH: table,
    BATCH_TIMEOUT_SECONDS: '1',
    LOG_LEVEL: logFolder === undefined ? 'warn' : 'debug',
  }
  const actors = ['committer', 'writer', ...Array.from({ length: options.ingestors }, () => 'ingestor')]
  const store = tableStore({ topic, tableUri: table, environment, readerEnvironment: {} })
  const processes = actors.map((actor) => new SiltProcess(actor, ['run', actor], environment))
  try {
    const warmUp = await trickle(target.bootstrapServers, topic, 5)
    const watch = new LogWatch(store)
    const holds = async (rows: number): Promise<true | undefined> =>
      (await watch.totals()).rows >= rows ? true : undefined
    await waitFor('the warm-up rows', () => holds(warmUp), 30_000)
    const before = await watch.totals()
    const startMs = performance.now()
    const sent = await trickle(target.bootstrapServers, topic, seconds)
    await waitFor('all rows', () => holds(warmUp + sent), 30_000)
    const after = await watch.totals()
    const minutes = (performance.now() - startMs) / 60_000
    const ages = (await rowAgesMs(table)).slice(warmUp).sort((a, b) => a - b)
    const at = (share: number): number => ages[Math.min(ages.length - 1, Math.floor(ages.length * share))] ?? Number.NaN
    return {
      events: sent,
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      filesPerMinute: (after.files - before.files) / minutes,
      versionsPerMinute: (after.dataCommits - before.dataCommits) / minutes,
    }
  } catch (error) {
    throw new Error(processes.map((each) => each.tail()).join('\n'), { cause: error })
  } finally {
    if (logFolder !== undefined) keepLogs(processes, logFolder, run)
    await killAllSilt()
    await store.close()
  }
}

function keepLogs(processes: readonly SiltProcess[], folder: string, run: number): void {
  mkdirSync(folder, { recursive: true })
  for (const [index, { name, logs }] of processes.entries())
    writeFileSync(
      join(folder, `${name}-${run}${index < 3 ? '' : `-${index - 1}`}.ndjson`),
      logs.map((line) => `${JSON.stringify(line)}\n`).join(''),
    )
}

async function trickle(bootstrapServers: string, topic: string, seconds: number): Promise<number> {
  const producer = new Kafka({ brokers: bootstrapServers.split(','), logLevel: logLevel.NOTHING }).producer({
    idempotent: true,
  })
  const generator = createEventGenerator(seededRandom(11))
  await producer.connect()
  let sent = 0
  const startMs = performance.now()
  while (performance.now() - startMs < seconds * 1000) {
    const due =
      Math.min(seconds * eventsPerSecond, Math.floor(((performance.now() - startMs) / 1000) * eventsPerSecond)) - sent
    const messages = Array.from({ length: due }, (_, index) => ({
      value: generator.next(Date.now()),
      partition: (sent + index) % 6,
    }))
    if (messages.length > 0) await producer.send({ topic, messages, compression: CompressionTypes.None })
    sent += messages.length
    await delay(tickMs)
  }
  await producer.disconnect()
  return sent
}

/** Of every row in commit order: the time of its commit less its Kafka timestamp. */
async function rowAgesMs(table: string): Promise<number[]> {
  const ages: number[] = []
  const reader = new HyparquetReader()
  const logFolder = join(table, '_delta_log')
  for (const name of readdirSync(logFolder)
    .filter((each) => /^\d{20}\.json$/.test(each))
    .sort()) {
    const path = join(logFolder, name)
    const committedMs = statSync(path).mtimeMs
    for (const line of readFileSync(path, 'utf8')
      .split('\n')
      .filter((each) => each.startsWith('{"add"'))) {
      const { add } = JSON.parse(line) as { add: { path: string } }
      for await (const rows of reader.rows(readFileSync(join(table, add.path)), { columns: ['_kafka_timestamp'] }))
        for (const row of rows) ages.push(committedMs - Number(row['_kafka_timestamp']) / 1000)
    }
  }
  return ages
}
