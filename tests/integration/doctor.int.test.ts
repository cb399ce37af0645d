import { createServer, type AddressInfo } from 'node:net'
import { runProgram } from '@silt/cli/program'
import { systemClock, systemRandom } from '@silt/core'
import { commitEntry, commitInfo, loadState } from '@silt/delta'
import { HyparquetReader } from '@silt/parquet'
import { Redaction } from '@silt/telemetry'
import { afterAll, beforeAll, expect, inject, test } from 'vitest'
import { startRedis } from '../servers/index.ts'
import { addUser } from '../servers/minio-admin.ts'
import { askRedis } from '../servers/redis-wire.ts'
import { deployment, type Deployment } from '../support/deployment.ts'
import { expectSoundTable } from '../support/sound-table.ts'
import { tableStore } from '../support/table-store.ts'
import { createTopic, sendEvents } from '../support/topics.ts'

const { kafka, minio } = inject('servers')
let redis: Awaited<ReturnType<typeof startRedis>>
let target: Deployment

beforeAll(async () => {
  redis = await startRedis()
  target = deployment({ kafka, minio, redis: redis.settings }, 'doctor')
  await createTopic(kafka.bootstrapServers, target.topic, 2)
  await sendEvents(kafka.bootstrapServers, target.topic, { 0: 3, 1: 3 })
  const made = await silt(['run', '--until-idle'], { ...target.environment, REDIS_URL: '' })
  expect(made.code, made.stderr).toBe(0)
})
afterAll(() => redis.dispose())

interface Diagnosis {
  readonly code: number
  readonly text: string
  /** Check and what came out, without what is well. */
  readonly wrong: Readonly<Record<string, string>>
  readonly details: ReadonlyMap<string, string>
}

/** `silt …` in this process: what it prints, and its exit code. */
async function silt(
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  const [printed, noted]: string[][] = [[], []]
  const code = await runProgram(args, {
    environment: { OPS_PORT: '0', LOG_LEVEL: 'silent', ...environment },
    clock: systemClock,
    random: systemRandom,
    signal: new AbortController().signal,
    interactive: false,
    secrets: new Redaction(),
    readTextFile: () => '',
    printsToPerson: false,
    write: (bytes) => Promise.resolve(void printed?.push(Buffer.from(bytes).toString())),
    print: (line) => printed?.push(line),
    note: (text) => noted?.push(text),
  })
  return { code, stdout: printed?.join('\n') ?? '', stderr: noted?.join('') ?? '' }
}

async function doctor(environment: Readonly<Record<string, string>>, ...args: string[]): Promise<Diagnosis> {
  const { code, stdout, stderr } = await silt(['doctor', '--json', ...args], { ...target.environment, ...environment })
  const { findings } = JSON.parse(stdout) as {
    findings: { check: string; outcome: string; detail: string; remedy?: string }[]
  }
  for (const { outcome, remedy } of findings)
    expect(remedy === undefined || remedy === '').toBe(outcome !== 'fail' && outcome !== 'warn')
  // How fast an answer comes is this machine's affair.
  const wrong = findings.filter(({ check, outcome }) => outcome === 'fail' || (outcome === 'warn' && check !== 'redis'))
  return {
    code,
    text: stdout + stderr,
    wrong: Object.fromEntries(wrong.map(({ check, outcome }) => [check, outcome])),
    details: new Map(findings.map(({ check, detail }) => [check, detail])),
  }
}

/** Every object of the bucket's table with its size and time. */
async function objects(): Promise<readonly string[]> {
  const found: string[] = []
  const store = tableStore(target)
  for await (const object of store.list('')) found.push(JSON.stringify(object))
  await store.close()
  return found
}

test('finds everything well on healthy servers, for all and for each actor, and changes nothing', async () => {
  const before = await objects()
  const [all, ingestor, writer, committer, operator] = await Promise.all([
    doctor({}),
    doctor({}, '--actor', 'ingestor'),
    doctor({}, '--actor', 'writer'),
    doctor({}, '--actor', 'committer'),
    doctor({}, '--actor', 'operator'),
  ])
  for (const each of [all, ingestor, writer, committer, operator])
    expect([each.code, each.wrong], each.text).toEqual([0, {}])
  expect([...all.details.keys()]).toEqual([
    'node',
    'settings',
    `kafka broker ${kafka.bootstrapServers}`,
    'kafka topic',
    'kafka topic rights',
    'kafka group',
    'clock kafka',
    'redis',
    'redis version',
    'redis policy',
    'redis rights',
    'clock redis',
    'store',
    'store dead letters',
    'store put',
    'store commit',
    'clock store',
    'table',
    'table parked',
    'table paused',
    'partitions',
    'kafka retention',
  ])
  expect(all.details.get('kafka topic')).toMatch(/2 partitions, id \S{22}/)
  expect(ingestor.details.has('store put') || operator.details.has('kafka group')).toBe(false)
  expect(writer.details.has('store commit') || writer.details.has('kafka group')).toBe(false)
  expect([...committer.details.keys()].some((check) => check.startsWith('kafka'))).toBe(false)
  expect(await objects()).toEqual(before)
})

test('names each broken component alone, with a remedy and no secret, and looks at the others', async () => {
  const { hostname, port } = new URL(redis.settings.url)
  const secret = 'not-the-password-of-anyone'
  await askRedis(Number(port), 'ACL SETUSER limited on >limited-secret ~* &* +@all -zadd -xadd')
  const readOnly = await storeUser('reader', ['s3:GetObject'])
  const dataOnly = await storeUser('data-writer', ['s3:GetObject', 's3:PutObject'], '_delta_log/*')
  const silent = createServer(() => undefined)
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve))
  const silentUrl = `http://127.0.0.1:${(silent.address() as AddressInfo).port}`

  const cases: readonly (readonly [wrong: Record<string, string>, Promise<Diagnosis>])[] = [
    [
      { 'kafka broker 127.0.0.1:1': 'fail' },
      doctor({ KAFKA_BOOTSTRAP_SERVERS: `127.0.0.1:1,${kafka.bootstrapServers}` }),
    ],
    [{ 'kafka topic': 'fail' }, doctor({ KAFKA_TOPIC: 'nowhere' })],
    [{ redis: 'fail' }, doctor({ REDIS_URL: `redis://limited:${secret}@${hostname}:${port}` })],
    [{ 'redis rights': 'fail' }, doctor({ REDIS_URL: `redis://limited:limited-secret@${hostname}:${port}` })],
    [{ store: 'fail' }, doctor({ AWS_SECRET_ACCESS_KEY: secret })],
    [
      { store: 'fail' },
      doctor({
        DELTA_TABLE_PATH: 's3://no-such-bucket/doctor',
        AWS_ACCESS_KEY_ID: minio.root.accessKeyId,
        AWS_SECRET_ACCESS_KEY: minio.root.secretAccessKey,
      }),
    ],
    [{ 'store put': 'fail' }, doctor(readOnly)],
    [{ 'store commit': 'fail' }, doctor(dataOnly, '--actor', 'committer')],
    [{}, doctor(dataOnly, '--actor', 'writer')],
    [{ store: 'fail' }, doctor({ AWS_ENDPOINT_URL: silentUrl }, '--timeout', '2')],
  ]
  for (const [wrong, running] of cases) {
    const found = await running
    expect(found.wrong, found.text).toEqual(wrong)
    expect(found.code).toBe(Object.keys(wrong).length === 0 ? 0 : 1)
    expect(found.text).not.toContain(secret)
  }
  const refused = (await cases[3]?.[1])?.details.get('redis rights')
  expect(refused).toContain('ZADD, XADD')
  silent.close()
})

test('tells a Redis that may evict, a paused table and a parked one', async () => {
  const port = Number(new URL(redis.settings.url).port)
  await askRedis(port, 'CONFIG SET maxmemory-policy allkeys-lru')
  expect((await silt(['table', 'pause', '--reason', 'upgrade'], target.environment)).code).toBe(0)
  const found = await doctor({})
  expect([found.code, found.wrong]).toEqual([1, { 'redis policy': 'fail', 'table paused': 'warn' }])
  expect(found.details.get('table paused')).toContain('upgrade')
  await askRedis(port, 'CONFIG SET maxmemory-policy noeviction')

  await restoredByAnother()
  const parked = await doctor({}, '--actor', 'committer')
  expect([parked.code, parked.wrong]).toEqual([1, { 'table parked': 'fail', 'table paused': 'warn' }])
  expect((await silt(['table', 'resume', '--reason', 'looked at it'], target.environment)).code).toBe(0)
  expect((await doctor({})).wrong).toEqual({})
  await expectSoundTable(target.environment)
})

/** A user who may list the bucket and do these on the table's objects, except below `but`. */
async function storeUser(name: string, actions: readonly string[], but?: string): Promise<Record<string, string>> {
  const bucket = `arn:aws:s3:::${minio.bucket}`
  const statement = [
    { Effect: 'Allow', Action: ['s3:ListBucket'], Resource: [bucket] },
    { Effect: 'Allow', Action: actions, Resource: [`${bucket}/*`] },
    ...(but === undefined ? [] : [{ Effect: 'Deny', Action: ['s3:PutObject'], Resource: [`${bucket}/doctor/${but}`] }]),
  ]
  const keys = { accessKeyId: `doctor-${name}`, secretAccessKey: `secret-of-${name}` }
  await addUser(minio, keys, `doctor-${name}`, JSON.stringify({ Version: '2012-10-17', Statement: statement }))
  return { AWS_ACCESS_KEY_ID: keys.accessKeyId, AWS_SECRET_ACCESS_KEY: keys.secretAccessKey }
}

async function restoredByAnother(): Promise<void> {
  const store = tableStore(target)
  const state = await loadState(store, new HyparquetReader())
  const token = systemRandom.uuid()
  const info = commitInfo({ timestampMs: 1, operation: 'RESTORE', engineInfo: 'another', token })
  const outcome = await commitEntry(store, {
    version: (state?.version ?? 0) + 1,
    actions: [info],
    token,
    readBack: false,
  })
  expect(outcome.kind).toBe('committed')
  await store.close()
}
