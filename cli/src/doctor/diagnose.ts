import type { Settings } from '@silt/config'
import { jobVersion, queueName, tableLabel } from '@silt/contracts'
import { asSiltError, type BackoffPolicy, type Source } from '@silt/core'
import { OnDemandReader } from '@silt/parquet/reader'
import { KafkaProbe } from '@silt/source'
import { redisIdentity } from '../compose/identities.ts'
import { kafkaConnection, openSource } from '../compose/open-source.ts'
import { openTable } from '../table/open-table.ts'
import type { Terminal } from '../terminal.ts'
import { fail, ok, warn, type Finding } from './finding.ts'
import { kafkaChecks, kafkaClock } from './kafka-checks.ts'
import { redisChecks } from './redis-checks.ts'
import { looksAtPartitions, readsSource, type Role } from './role.ts'
import { runChecks, type Check } from './run-checks.ts'
import { storeChecks } from './store-checks.ts'
import { partitionCheck, retentionCheck, tableCheck } from './table-checks.ts'

export interface DiagnoseOptions {
  /** Whose needs are looked at. */
  readonly actors: readonly Role[]
  /** No check takes longer. */
  readonly timeoutMs: number
}

/** Each question is asked once: what passes by itself is a finding too. */
const once: BackoffPolicy = { firstMs: 0, maxMs: 0, attemptsMax: 1 }

/**
 * Looks at everything the actors need, with this process's settings and credentials. Changes nothing but the store's probe key, which every start of a
 * committer puts as well. Never throws: what cannot be opened is a finding.
 */
export async function diagnose(
  settings: Settings,
  terminal: Terminal,
  { actors, timeoutMs }: DiagnoseOptions,
): Promise<readonly Finding[]> {
  const closers: (() => Promise<void> | void)[] = []
  const opened = <T extends { close(): Promise<void> | void }>(resource: T): T => {
    closers.push(() => resource.close())
    return resource
  }
  try {
    const checks = [
      ...(await openOr('kafka', () => sourceParts(settings, terminal, actors, opened))),
      ...(await openOr('redis', () => queueParts(settings, terminal, actors, opened))),
      ...(await openOr('store', () => tableParts(settings, terminal, actors, opened))),
    ]
    return await runChecks(checks, { clock: terminal.clock, timeoutMs })
  } finally {
    await Promise.allSettled(closers.map(async (close) => close()))
  }
}

type Opened = <T extends { close(): Promise<void> | void }>(resource: T) => T

/** A component whose settings are refused at once is one failing check, which those that need it name. */
async function openOr(
  name: string,
  open: () => readonly Check[] | Promise<readonly Check[]>,
): Promise<readonly Check[]> {
  try {
    return await open()
  } catch (error) {
    return [{ name, run: () => Promise.reject(asSiltError(error)) }]
  }
}

function sourceParts(
  settings: Settings,
  terminal: Terminal,
  actors: readonly Role[],
  opened: Opened,
): readonly Check[] {
  if (!readsSource(actors)) return []
  const kafka = kafkaConnection(settings, terminal)
  if (kafka === undefined) {
    const source = opened(openSource(settings, terminal))
    return [{ name: 'source', run: async () => [await folderFinding(source, settings)] }]
  }
  const { clock, random } = terminal
  const probe = opened(new KafkaProbe({ ...kafka, clock, random }))
  return [...kafkaChecks(settings, probe, actors), { name: kafkaClock.check, run: () => Promise.resolve([kafkaClock]) }]
}

async function folderFinding(source: Source, settings: Settings): Promise<Finding> {
  const place = `${settings.TOPICS_DIR}/${settings.KAFKA_TOPIC}`
  const partitions = await source.partitions(settings.KAFKA_TOPIC)
  return partitions === undefined
    ? warn('source', `there are no files at ${place} yet`, 'correct TOPICS_DIR or KAFKA_TOPIC, or write events there')
    : ok('source', `${partitions.length} files at ${place}`)
}

async function queueParts(
  settings: Settings,
  terminal: Terminal,
  actors: readonly Role[],
  opened: Opened,
): Promise<readonly Check[]> {
  const { REDIS_URL: redisUrl } = settings
  if (redisUrl === undefined) return [{ name: 'redis', run: () => Promise.resolve([noRedis(actors)]) }]
  const { RedisProbe } = await import('@silt/queue/redis')
  const probe = new RedisProbe({ redisUrl, identity: redisIdentity(settings, terminal), clock: terminal.clock })
  return redisChecks(opened(probe), queueName(tableLabel(settings.DELTA_TABLE_PATH), 'write', jobVersion))
}

function noRedis(actors: readonly Role[]): Finding {
  return actors.length > 1 || actors.includes('operator')
    ? ok('redis', 'REDIS_URL is not set: all actors run in one process')
    : fail(
        'redis',
        `one ${actors.join()} alone needs the queue it shares with the others`,
        'set REDIS_URL, or run all actors in one process with "silt run"',
      )
}

function tableParts(settings: Settings, terminal: Terminal, actors: readonly Role[], opened: Opened): readonly Check[] {
  const table = opened(openTable(settings, { ...terminal, storeTries: once }))
  const reader = new OnDemandReader()
  const deps = { ...table, reader, clock: terminal.clock }
  const checks = [...storeChecks(deps, actors), tableCheck(deps)]
  if (!looksAtPartitions(actors)) return checks
  const kafka = kafkaConnection(settings, terminal)
  const source = opened(openSource(settings, terminal))
  const partitions = { ...deps, source, topic: settings.KAFKA_TOPIC }
  const sourceCheck = kafka === undefined ? 'source' : 'kafka topic'
  checks.push(partitionCheck(partitions, [sourceCheck, 'store']))
  if (kafka === undefined) return checks
  const { clock, random } = terminal
  const probe = opened(new KafkaProbe({ ...kafka, clock, random }))
  return [...checks, retentionCheck(partitions, probe, () => clock.nowMs())]
}
