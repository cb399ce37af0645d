import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, expect, inject, test } from 'vitest'
import { startActors, type Deployment } from '../support/deployment.ts'
import { writeEventFile } from '../support/event-file.ts'
import { expectedOfFolder, expectedOfTopic, expectSameRows, type ExpectedPlace } from '../support/expected-rows.ts'
import { opsOf, undocumentedMetrics } from '../support/ops.ts'
import { runPython } from '../support/python.ts'
import { withScratch } from '../support/scratch.ts'
import { killAllSilt, silt, SiltProcess } from '../support/silt-process.ts'
import { expectSoundTable } from '../support/sound-table.ts'
import { createTopic } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const minutes = 60_000
const script = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))
const eventCount = 400
const partitionCount = 2

afterAll(killAllSilt)

type SourceKind = 'files' | 'Kafka'
type QueueKind = 'this process' | 'Redis'
type TableKind = 'folder' | 'S3'

/** The settings of one line of the README's table, and nothing else. */
function mixOf(source: SourceKind, queue: QueueKind, table: TableKind, name: string, folder: string): Deployment {
  const { kafka, redis, minio } = inject('servers')
  const tableUri = table === 'S3' ? `s3://${minio.bucket}/${name}` : join(folder, 'table')
  const store = {
    AWS_ENDPOINT_URL: minio.endpoint,
    AWS_REGION: minio.region,
    AWS_ACCESS_KEY_ID: minio.accessKeyId,
    AWS_SECRET_ACCESS_KEY: minio.secretAccessKey,
    AWS_ALLOW_HTTP: 'true',
  }
  const environment = {
    KAFKA_TOPIC: name,
    DELTA_TABLE_PATH: tableUri,
    ...(source === 'Kafka'
      ? { KAFKA_BOOTSTRAP_SERVERS: kafka.bootstrapServers }
      : { TOPICS_DIR: join(folder, 'topics') }),
    ...(queue === 'Redis' ? { REDIS_URL: redis.url } : {}),
    ...(table === 'S3' ? store : {}),
  }
  return { topic: name, tableUri, environment, readerEnvironment: table === 'S3' ? store : {} }
}

/** Puts the same generated events into the source; answers the rows they must become. */
async function fill(source: SourceKind, target: Deployment, folder: string): Promise<readonly ExpectedPlace[]> {
  const path = join(folder, 'events.ndjson')
  await writeEventFile(path, eventCount, 11)
  const lines = (await readFile(path, 'utf8')).trimEnd().split('\n')
  if (source === 'Kafka') {
    const { bootstrapServers } = inject('servers').kafka
    await createTopic(bootstrapServers, target.topic, partitionCount)
    await runPython(script('load/produce.py'), [path, bootstrapServers, target.topic, String(partitionCount)])
    return expectedOfTopic(lines, partitionCount)
  }
  const topicFolder = join(folder, 'topics', target.topic)
  await mkdir(topicFolder, { recursive: true })
  for (let partition = 0; partition < partitionCount; partition++) {
    const own = lines.filter((_, index) => index % partitionCount === partition)
    await writeFile(join(topicFolder, `${partition}.ndjson`), `${own.join('\n')}\n`)
  }
  return expectedOfFolder(topicFolder)
}

/** Runs what the mix runs until everything is committed. */
async function settle(queue: QueueKind, target: Deployment): Promise<void> {
  const others = queue === 'Redis' ? startActors(target, { committer: 1, writer: 2 }) : []
  const args = queue === 'Redis' ? ['run', 'ingestor', '--until-idle'] : ['run', '--until-idle']
  const idle = await silt(args, target.environment)
  expect(idle.code, idle.stdout.slice(-4000) + idle.stderr + others.map((each) => each.tail()).join('\n')).toBe(0)
  for (const each of others) expect(await each.terminate(), each.tail()).toBe(0)
}

const mixes: readonly (readonly [SourceKind, QueueKind, TableKind])[] = [
  ['files', 'this process', 'folder'],
  ['files', 'this process', 'S3'],
  ['Kafka', 'this process', 'folder'],
  ['Kafka', 'this process', 'S3'],
  ['Kafka', 'Redis', 'S3'],
  ['Kafka', 'Redis', 'folder'],
  ['files', 'Redis', 'folder'],
  ['files', 'Redis', 'S3'],
]

test.each(mixes)(
  '%s through %s to a table in %s: every event is a row once',
  (source, queue, table) =>
    withScratch(async (folder) => {
      const name = `mix-${source}-${queue === 'Redis' ? 'redis' : 'one'}-${table}`.toLowerCase()
      const target = mixOf(source, queue, table, name, folder)
      const expected = await fill(source, target, folder)
      await settle(queue, target)
      await expectSameRows(target.tableUri, expected, { folder, environment: target.readerEnvironment })
      const audit = await silt(['audit', '--json'], target.environment)
      expect(JSON.parse(audit.stdout), audit.stderr).toMatchObject({ verdict: 'proved', rows: eventCount })
      await expectSoundTable(target.environment)
    }),
  5 * minutes,
)

test('dead letters from Kafka are read by every engine with their bytes and headers', () =>
  withScratch(async (folder) => {
    const { bootstrapServers } = inject('servers').kafka
    const target = mixOf('Kafka', 'this process', 'folder', 'mix-dead-letters', folder)
    await createTopic(bootstrapServers, target.topic, 1)
    const base64 = (text: string): string => Buffer.from(text).toString('base64')
    const headers = [
      ['trace', base64('4bf92f')],
      ['raw', Buffer.from([0, 255, 254]).toString('base64')],
      ['trace', null],
      ['empty', ''],
    ]
    const records = [
      { key: base64('k'), value: base64('not json'), headers },
      { key: null, value: base64('{"user_id":"good"}'), headers: [] },
      { key: null, value: null, headers: [] },
      { key: '', value: base64('[1]'), headers: [['only', base64('one')]] },
    ].map((record) => ({ ...record, timestampMs: Date.UTC(2026, 2, 1) }))
    const path = join(folder, 'records.ndjson')
    await writeFile(path, records.map((record) => `${JSON.stringify(record)}\n`).join(''))
    await runPython(script('load/produce_records.py'), [path, bootstrapServers, target.topic, '1'])
    await settle('this process', target)
    const audit = await silt(['audit', '--json'], target.environment)
    expect(JSON.parse(audit.stdout), audit.stderr).toMatchObject({ verdict: 'proved', rows: 1, deadLetters: 3 })
    const found = await runPython<Record<string, unknown>>(script('conformance/dead_letters.py'), [target.tableUri])
    const dead = (offset: number, reason: string): unknown => {
      const { key, value, headers } = records[offset] as (typeof records)[number]
      return { partition: 0, offset, reason, key, value, headers }
    }
    const expected = [dead(0, 'not-json'), dead(2, 'empty'), dead(3, 'not-an-object')]
    expect(Object.keys(found)).toContain('duckdb delta')
    for (const [engine, letters] of Object.entries(found)) expect(letters, engine).toEqual(expected)
    await expectSoundTable(target.environment)
  }))

test.each(['ingestor', 'writer', 'committer'])(
  'silt run %s without REDIS_URL is refused and names it',
  async (actor) => {
    const refused = await silt(['run', actor], { TOPICS_DIR: '/nowhere', DELTA_TABLE_PATH: '/nowhere/table' })
    expect(refused.code).toBe(2)
    expect(refused.stderr).toContain('REDIS_URL')
    expect(refused.stdout).toBe('')
  },
)

/** The fields every log line may carry and what they hold. */
const logFields: Readonly<Record<string, (value: unknown) => boolean>> = {
  time: (value) => typeof value === 'string' && new Date(value).toISOString() === value,
  level: (value) => ['debug', 'info', 'warn', 'error'].includes(String(value)),
  msg: (value) => typeof value === 'string' && value !== '',
  actor: (value) => ['ingestor', 'writer', 'committer'].includes(String(value)),
  table: (value) => typeof value === 'string',
  topic: (value) => typeof value === 'string',
  partition: (value) => Number.isSafeInteger(value),
  unit: (value) => typeof value === 'string' && /^[0-9a-f]{16}$/.test(value),
  version: (value) => Number.isSafeInteger(value),
  code: (value) => typeof value === 'string' && value.includes('/'),
  kind: (value) => typeof value === 'string',
  ms: (value) => typeof value === 'number' && value >= 0,
}

test(
  'each process tells its health, its metrics and its story in JSON, and no secret',
  () =>
    withScratch(async (folder) => {
      const target = mixOf('Kafka', 'Redis', 'S3', 'mix-operations', folder)
      const secrets = [target.environment['AWS_SECRET_ACCESS_KEY'] ?? '', 'the-redis-password']
      await fill('Kafka', target, folder)
      const [committer, writer, ingestor] = startActors(target, { committer: 1, writer: 1, ingestor: 1 })
      if (committer === undefined || writer === undefined || ingestor === undefined) throw new Error('three processes')
      const actors = { committer, writer, ingestor }
      const tails = (): string =>
        Object.values(actors)
          .map((each) => each.tail(15))
          .join('\n')
      const ops = { committer: await opsOf(committer), writer: await opsOf(writer), ingestor: await opsOf(ingestor) }
      try {
        const settled = async (): Promise<true | undefined> =>
          (await ops.committer.scrape()).get('silt_rows_committed_total') === eventCount || undefined
        await waitFor('all rows to be committed', settled, minutes)
        for (const each of Object.values(ops)) {
          expect((await each.get('/healthz')).status).toBe(200)
          await waitFor('it to be ready', async () => (await each.get('/readyz')).status === 200 || undefined)
          expect((await each.get('/nowhere')).status).toBe(404)
          expect(undocumentedMetrics((await each.get('/metrics')).body)).toEqual([])
          // The actor and its queues.
          expect((await each.scrape()).get('silt_ready')).toBe(2)
        }
        const committed = await ops.committer.scrape()
        const versions = committed.get('silt_commits_total') ?? 0
        expect(versions).toBeGreaterThan(0)
        expect(committed.get('silt_table_version')).toBeGreaterThanOrEqual(versions)
        expect(committed.get('silt_files_committed_total')).toBeGreaterThanOrEqual(1)
        expect(committed.get('silt_bytes_committed_total')).toBeGreaterThan(eventCount)
        expect(committed.get('silt_freshness_seconds_count')).toBeGreaterThan(0)
        expect(committed.get('silt_commit_seconds_count')).toBeGreaterThan(0)
        expect(Math.abs((committed.get('silt_last_commit_timestamp_seconds') ?? 0) * 1000 - Date.now())).toBeLessThan(
          minutes,
        )
        expect(committed.get('silt_committer_active')).toBe(1)
        expect(committed.get('silt_table_parked')).toBe(0)
        const written = await ops.writer.scrape()
        expect(written.get('silt_events_read_total')).toBe(eventCount)
        expect(written.get('silt_rows_written_total')).toBe(eventCount)
        expect(written.get('silt_bytes_read_total')).toBeGreaterThan(eventCount * 300)
        expect(written.get('silt_file_bytes_written_total')).toBe(committed.get('silt_bytes_committed_total'))
        await waitFor(
          'the lag to be nothing',
          async () => (await ops.ingestor.scrape()).get('silt_lag_offsets') === 0 || undefined,
        )
        const planned = await ops.ingestor.scrape()
        expect(planned.get('silt_readable_end_offset')).toBe(eventCount)
        expect(planned.get('silt_partitions_owned')).toBe(partitionCount)
        expect(planned.get('silt_units_cut_total')).toBe(written.get('silt_units_written_total'))
      } catch (error) {
        throw new Error(tails(), { cause: error })
      }

      // One that cannot get in, with a password in its REDIS_URL.
      const shut = new SiltProcess('shut out', ['run', 'writer'], {
        ...target.environment,
        REDIS_URL: `redis://default:${secrets[1] ?? ''}@127.0.0.1:1/0`,
      })
      await waitFor('a warning', () => shut.logs.some(({ level }) => level === 'warn') || undefined)
      const shutOps = await opsOf(shut)
      expect((await shutOps.get('/healthz')).status).toBe(200)
      await waitFor('it to name the setting', async () => {
        const { status, body } = await shutOps.get('/readyz')
        return (status === 503 && body.includes('REDIS_URL')) || undefined
      })
      const processes = [...Object.values(actors), shut]
      for (const each of processes) expect(await each.terminate(), each.tail()).toBe(0)
      for (const each of processes) {
        expect(each.text.join(''), each.name).toBe('')
        for (const line of each.logs) {
          expect(Object.keys(line)).toEqual(expect.arrayContaining(['time', 'level', 'table', 'msg']))
          const wrong = Object.entries(line).filter(([name, value]) => logFields[name]?.(value) === false)
          expect(wrong, JSON.stringify(line)).toEqual([])
        }
        const said = JSON.stringify(each.logs)
        for (const secret of secrets) expect(said.includes(secret), `${each.name} tells a secret`).toBe(false)
      }
      for (const [actor, each] of Object.entries(actors))
        expect(each.logs.some((line) => line['actor'] === actor)).toBe(true)
      const config = await silt(['config', 'print'], target.environment)
      expect(config.code).toBe(0)
      for (const secret of secrets) expect(config.stdout).not.toContain(secret)
    }),
  5 * minutes,
)
