import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeEach, expect, inject, test } from 'vitest'
import { auditReport } from '../support/audit-report.ts'
import { deployment, startActor, type Deployment } from '../support/deployment.ts'
import { hostileRecords, type HostileRecord } from '../support/hostile-records.ts'
import { partitionStatus } from '../support/partition-status.ts'
import { runPython } from '../support/python.ts'
import { killAllSilt, silt, SiltProcess } from '../support/silt-process.ts'
import { expectSoundTable } from '../support/sound-table.ts'
import { createTopic } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const script = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
const minutes = 60_000
const partitionCount = 3
/** Units so small, and so few at a time, that a kill after the first commit comes in the middle. */
const smallSteps = { UNIT_MAX_OFFSETS: '4', UNITS_IN_FLIGHT_MAX: '2', BATCH_SIZE: '4', BATCH_TIMEOUT_SECONDS: '0.5' }

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'silt-hostile-'))
})
afterEach(async () => {
  await killAllSilt()
  await rm(folder, { recursive: true, force: true })
})
afterAll(killAllSilt)

interface Placed {
  readonly record: HostileRecord
  readonly partition: number
  readonly offset: number
}

test(
  'hostile records from Kafka: good ones are rows, others dead letters or rescued values, once, also after kills',
  async () => {
    const servers = inject('servers')
    const { bootstrapServers } = servers.kafka
    const target = deployment(servers, 'hostile', smallSteps)
    await createTopic(bootstrapServers, target.topic, partitionCount, {
      'max.message.bytes': String(32 * 2 ** 20),
      'message.timestamp.after.max.ms': '9223372036854775807',
      'retention.ms': '-1',
    })
    const records = hostileRecords()
    const file = join(folder, 'records.ndjson')
    await writeFile(file, records.map((record) => `${JSON.stringify(portable(record))}\n`).join(''))
    const args = [file, bootstrapServers, target.topic, String(partitionCount)]
    const { offsets } = await runPython<{ readonly offsets: readonly number[] }>(
      script('load/produce_records.py'),
      args,
    )
    const placed = records.map((record, index) => ({
      record,
      partition: index % partitionCount,
      offset: offsets[index] ?? -1,
    }))

    const committer = startActor(target, 'committer', 'committer')
    const writer = startActor(target, 'writer', 'writer')
    startActor(target, 'ingestor', 'ingestor')
    await firstUnits(committer)
    await Promise.all([writer.kill(), committer.kill()])
    await expectInTheMiddle(target)
    const again = [startActor(target, 'committer', 'committer again'), startActor(target, 'writer', 'writer again')]
    const idle = await silt(['run', 'ingestor', '--until-idle'], target.environment)
    expect(idle.code, idle.stdout.slice(-4000) + again.map((each) => each.tail()).join('\n')).toBe(0)
    await expectAllThere(target, placed, true)
  },
  4 * minutes,
)

test(
  'hostile lines from files, in one process without servers, also after a kill',
  async () => {
    const topic = 'hostile-lines'
    const records = hostileRecords().filter(({ value }) => value?.includes('\n') === false)
    const target: Deployment = {
      topic,
      tableUri: join(folder, 'table'),
      environment: {
        ...smallSteps,
        // Times 500 bytes: a line of 10 MB spans many units all the same.
        UNIT_MAX_OFFSETS: '1000',
        KAFKA_TOPIC: topic,
        TOPICS_DIR: join(folder, 'topics'),
        DELTA_TABLE_PATH: join(folder, 'table'),
      },
      readerEnvironment: {},
    }
    const placed: Placed[] = []
    let offset = 0
    for (const record of records) {
      placed.push({ record, partition: 0, offset })
      offset += (record.value?.length ?? 0) + 1
    }
    await mkdir(join(folder, 'topics', topic), { recursive: true })
    const lines = records.map(({ value }) => Buffer.concat([value ?? Buffer.alloc(0), Buffer.from('\n')]))
    await writeFile(join(folder, 'topics', topic, '0.ndjson'), Buffer.concat(lines))

    const process = new SiltProcess('silt', ['run'], target.environment)
    await firstUnits(process)
    await process.kill()
    await expectInTheMiddle(target)
    const idle = await silt(['run', '--until-idle'], target.environment)
    expect(idle.code, idle.stdout.slice(-4000) + idle.stderr).toBe(0)
    await expectAllThere(target, placed, false)
  },
  5 * minutes,
)

async function firstUnits(committer: SiltProcess): Promise<void> {
  const committed = (): true | undefined =>
    committer.logs.some(({ msg, units }) => msg === 'committed' && Number(units) > 0) || undefined
  await waitFor('the first units to be committed', committed, 120_000, 5).catch((error: unknown) => {
    throw new Error(committer.tail(), { cause: error })
  })
}

/** Something is committed, and not all. */
async function expectInTheMiddle(target: Deployment): Promise<void> {
  const { partitions } = await partitionStatus(target)
  const sum = (counts: readonly number[]): number => counts.reduce((total, count) => total + count, 0)
  const committed = sum(partitions.map(({ next }) => next ?? 0))
  expect(committed).toBeGreaterThan(0)
  expect(committed).toBeLessThan(sum(partitions.map(({ readableEnd }) => readableEnd)))
}

async function expectAllThere(target: Deployment, placed: readonly Placed[], isKafka: boolean): Promise<void> {
  const file = join(folder, 'expected.ndjson')
  const lines = placed.map(({ record, partition, offset }) => {
    const told = portable(isKafka ? record : withoutKafka(record))
    return `${JSON.stringify({ ...told, partition, offset, ...(isKafka ? {} : { timestampMs: null }) })}\n`
  })
  await writeFile(file, lines.join(''))
  const rows = placed.filter(({ record }) => record.expect.kind === 'row').length
  const found = await runPython(script('conformance/hostile.py'), [target.tableUri, file], target.readerEnvironment)
  expect(found).toEqual({ faults: [], rows, deadLetters: placed.length - rows })
  expect(await auditReport(target)).toMatchObject({ verdict: 'proved', rows, deadLetters: placed.length - rows })
  await expectSoundTable(target.environment)
}

/** A line of a file has neither key nor headers, nor a time of its own. */
function withoutKafka(record: HostileRecord): HostileRecord {
  const { expect: wanted } = record
  if (wanted.kind === 'dead' || wanted.rescued?.includes('_kafka_timestamp') !== true)
    return { ...record, key: null, headers: [] }
  return { ...record, key: null, headers: [], expect: { kind: 'row', columns: wanted.columns ?? {} } }
}

function portable({ name, key, value, headers, timestampMs, expect: wanted }: HostileRecord): object {
  const base64 = (bytes: Buffer | null): string | null => bytes?.toString('base64') ?? null
  return {
    name,
    key: base64(key),
    value: base64(value),
    headers: headers.map(([header, bytes]) => [header, base64(bytes)]),
    timestampMs,
    expect: wanted,
  }
}
