import { systemClock, systemRandom } from '@silt/core'
import { openStore } from '@silt/object-store'
import { Kafka, logLevel } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sendSigned } from '../servers/index.ts'
import { inTurns } from '../support/in-turns.ts'
import { listeningAt } from '../support/listening-at.ts'
import { opsOf } from '../support/ops.ts'
import { redisAs } from '../support/redis-as.ts'
import {
  addStoreUsers,
  clientSecret,
  environmentOf,
  kafkaPassword,
  passwordOf,
  startSecuredPlatform,
  type SecuredPlatform,
} from '../support/secured-platform.ts'
import { killAllSilt, silt, SiltProcess } from '../support/silt-process.ts'
import { createTopic, sendEvents } from '../support/topics.ts'
import { waitFor } from '../support/wait-for.ts'

const topic = 'analytics-events'
const readyMsMax = 120_000
/** Each of them wants a whole processor while it starts: what is refused later than a start may take is waited for instead. */
const processesAtOnceMax = 3
const table = 'delta/analytics-events'
/** Everything any process of this file has said. */
const said: string[] = []

let platform: SecuredPlatform
beforeAll(async () => {
  platform = await startSecuredPlatform()
  await createTopic(platform.servers.settings.kafka.bootstrapServers, topic, 2)
}, 400_000)
afterAll(async () => {
  await killAllSilt()
  await platform.stop()
})

test('events settle with an identity per actor, each with what it needs; secrets are rotated under way', async () => {
  const { servers, endpoint, files, writerCertificate } = platform
  const { kafka, minio } = servers.settings
  const writer = await environmentOf(platform, 'writer')
  const byToken = without(writer, 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD_FILE', {
    KAFKA_SASL_MECHANISM: 'OAUTHBEARER',
    KAFKA_SASL_OAUTHBEARER_METHOD: 'client-credentials',
    KAFKA_SASL_OAUTHBEARER_TOKEN_URL: endpoint.url,
    KAFKA_SASL_OAUTHBEARER_CLIENT_ID: 'writer',
    KAFKA_SASL_OAUTHBEARER_CLIENT_SECRET_FILE: await files.put('client', clientSecret),
  })
  const byCertificate = without(writer, 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD_FILE', {
    KAFKA_SASL_MECHANISM: '',
    KAFKA_SECURITY_PROTOCOL: 'SSL',
    KAFKA_BOOTSTRAP_SERVERS: kafka.secured?.ssl ?? '',
    KAFKA_SSL_CERT: writerCertificate.cert,
    KAFKA_SSL_KEY: writerCertificate.key,
  })
  const ingestor = await environmentOf(platform, 'ingestor')
  const httpToken = 'collector-token-8Kq-0001'
  const collector = new SiltProcess('collector', ['run', 'collector'], {
    ...(await environmentOf(platform, 'collector')),
    HTTP_PORT: '0',
    HTTP_TOKEN_FILE: await files.put('http-token', httpToken),
  })
  const collect = async (events: number): Promise<void> => {
    const answer = await fetch(`${await listeningAt(collector)}/events`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-ndjson', authorization: `Bearer ${httpToken}` },
      body: '{"event_type":"click"}\n'.repeat(events),
    })
    expect([answer.status, await answer.json()], collector.tail()).toMatchObject([200, { accepted: events }])
  }
  const actors = [
    new SiltProcess('committer', ['run', 'committer'], await environmentOf(platform, 'committer')),
    new SiltProcess('writer-scram', ['run', 'writer'], writer),
    new SiltProcess('writer-token', ['run', 'writer'], byToken),
    new SiltProcess('writer-mtls', ['run', 'writer'], byCertificate),
    new SiltProcess('ingestor', ['run', 'ingestor'], ingestor),
    collector,
  ]
  const tails = (): string => actors.map((each) => each.tail(15)).join('\n')
  try {
    await Promise.all(
      actors.map(async (each) => {
        const ops = await opsOf(each)
        await waitFor(
          `${each.name} to be ready`,
          async () => ((await ops.get('/readyz')).status === 200 ? true : undefined),
          readyMsMax,
        ).catch((cause: unknown) => {
          throw new Error(tails(), { cause })
        })
      }),
    )
    await sendEvents(kafka.bootstrapServers, topic, { 0: 300, 1: 200 })
    await collect(10)
    await settled(ingestor, tails)

    // New secrets, in the servers first; Redis lets nobody stay whose password has changed.
    const renewed = (name: string): string => `renewed-${passwordOf('store', name)}`
    expect(await asRedisAdmin(`ACL SETUSER writer resetpass >${renewed('writer')}`)).toBe('+OK')
    await addStoreUsers(minio, ['writer', 'committer'], renewed)
    await Promise.all([
      files.put('redis-writer', renewed('writer')),
      files.put('store-writer', renewed('writer')),
      files.put('store-committer', renewed('committer')),
    ])
    expect(await asRedisAdmin('CLIENT KILL USER writer')).toMatch(/^:[1-9]/)
    // Kafka's sessions last 3 s, tokens 4 s.
    await new Promise((resolve) => setTimeout(resolve, 4_500))
    await sendEvents(kafka.bootstrapServers, topic, { 0: 100, 1: 100 })
    await collect(10)
    await settled(ingestor, tails)
    expect(endpoint.issued.length).toBeGreaterThan(0)

    const operator = await environmentOf(platform, 'operator')
    const plain = { ...operator, KAFKA_SASL_MECHANISM: 'PLAIN' }
    for (const command of [
      ['audit', '--json'],
      ['table', 'check', '--rows'],
    ]) {
      const done = await silt(command, plain)
      said.push(done.stdout, done.stderr)
      if (command[0] === 'audit') expect(JSON.parse(done.stdout)).toMatchObject({ verdict: 'proved', rows: 720 })
      expect(done.code, `${command.join(' ')}\n${done.stdout}${done.stderr}\n${tails()}`).toBe(0)
    }
    const codes = await Promise.all(actors.map((each) => each.terminate()))
    expect(codes, tails()).toEqual(actors.map(() => 0))
    // A session is left before the broker ends it.
    const cut = actors.flatMap(({ logs }) => logs.filter(({ error }) => /Kafka.*connection closed/.test(String(error))))
    expect(cut).toEqual([])
  } finally {
    for (const each of actors) said.push(JSON.stringify(each.logs), each.text.join(''))
  }
})

test("the store's audit log tells who, what and when", async () => {
  const line = await waitFor('a commit in the audit log', () =>
    platform.audit.lines.find(
      ({ api, accessKey }) =>
        accessKey === 'committer' && api?.object?.endsWith('/_delta_log/00000000000000000001.json'),
    ),
  )
  expect(line).toMatchObject({ accessKey: 'committer', api: { name: 'PutObject', statusCode: 200 } })
  expect(Date.parse(line.time ?? '')).not.toBeNaN()
  const putByOthers = platform.audit.lines.filter(
    ({ api, accessKey }) =>
      api?.name === 'PutObject' &&
      api.statusCode === 200 &&
      api.object?.includes('/_delta_log/') &&
      accessKey !== 'committer',
  )
  expect(putByOthers).toEqual([])
})

type Fault = readonly [
  what: string,
  actor: string,
  change: () => Promise<Record<string, string>>,
  told: readonly string[],
]

test('one wrong credential: every actor ends at start, with the setting and no secret', async () => {
  const { stranger, servers, files } = platform
  const atName = (servers.settings.kafka.secured?.saslSsl ?? '').replace('127.0.0.1', 'localhost')
  const wrong = async (setting: string): Promise<Record<string, string>> => ({
    [`${setting}_FILE`]: await files.put(`wrong-${setting}`, 'not+the/password%8Kq'),
  })
  const consoleKafka = {
    KAFKA_SASL_USERNAME: 'console',
    KAFKA_SASL_PASSWORD_FILE: await files.put('c', kafkaPassword('console')),
  }
  const ingestorRedis = {
    REDIS_USERNAME: 'ingestor',
    REDIS_PASSWORD_FILE: await files.put('redis-ingestor', passwordOf('redis', 'ingestor')),
  }
  const faults: readonly Fault[] = [
    ['Kafka password', 'ingestor', () => wrong('KAFKA_SASL_PASSWORD'), ['KAFKA_SASL_PASSWORD', 'source/denied']],
    ['Kafka user', 'writer', async () => ({ KAFKA_SASL_USERNAME: 'nobody' }), ['"nobody"', 'KAFKA_SASL_USERNAME']],
    [
      'Kafka authority',
      'writer',
      async () => ({ KAFKA_SSL_CA_FILE: stranger.caPath }),
      ['KAFKA_SSL_CA', 'source/denied'],
    ],
    [
      'Kafka host name',
      'ingestor',
      async () => ({ KAFKA_BOOTSTRAP_SERVERS: atName }),
      ['KAFKA_BOOTSTRAP_SERVERS', 'host names'],
    ],
    ['Kafka ACL', 'writer', async () => consoleKafka, ['TOPIC_AUTHORIZATION_FAILED', 'deploy/policies/kafka']],
    ['Kafka group', 'ingestor', async () => ({ KAFKA_GROUP_ID: 'of-others' }), ['GROUP_AUTHORIZATION_FAILED']],
    ['Redis password', 'committer', () => wrong('REDIS_PASSWORD'), ['REDIS_PASSWORD', 'queue/denied']],
    ['Redis authority', 'writer', async () => ({ REDIS_CA_FILE: stranger.caPath }), ['REDIS_CA', 'queue/denied']],
    ['Redis ACL', 'committer', async () => ingestorRedis, ['NOPERM', 'deploy/policies/redis']],
    ['store secret', 'ingestor', () => wrong('AWS_SECRET_ACCESS_KEY'), ['AWS_SECRET_ACCESS_KEY', 'store/denied']],
    ['store key', 'writer', async () => ({ AWS_ACCESS_KEY_ID: 'unknown' }), ['AWS_ACCESS_KEY_ID', 'store/denied']],
    [
      'store authority',
      'committer',
      async () => ({ AWS_CA_BUNDLE: stranger.caPath }),
      ['AWS_CA_BUNDLE', 'store/denied'],
    ],
    [
      'bucket',
      'ingestor',
      async () => ({ DELTA_TABLE_PATH: 's3://private/delta/t' }),
      ['s3://private/delta/t', 'access denied'],
    ],
  ]
  // The first test has rotated some.
  await addStoreUsers(servers.settings.minio)
  await asRedisAdmin(`ACL SETUSER writer resetpass >${passwordOf('redis', 'writer')}`)
  const ended = await inTurns(processesAtOnceMax, faults, async ([what, actor, change, told]) => {
    const environment = { ...(await environmentOf(platform, actor)), ...(await change()) }
    const done = await silt(['run', actor], { ...environment, LOG_LEVEL: 'debug' })
    said.push(done.stdout, done.stderr)
    const missing = told.filter((text) => !done.stderr.includes(text))
    const isAsTold = done.code === 2 && missing.length === 0
    return { what, code: done.code, missing, ...(isAsTold ? {} : { stderr: done.stderr.slice(-3000) }) }
  })
  expect(ended).toEqual(faults.map(([what]) => ({ what, code: 2, missing: [] })))
})

test('silt doctor finds each identity able to do what it is for, and nothing else', async () => {
  const asked: readonly (readonly [identity: string, as: string, failed: readonly string[]])[] = [
    ['ingestor', 'ingestor', []],
    ['writer', 'writer', []],
    ['committer', 'committer', []],
    ['operator', 'operator', []],
    ['writer', 'committer', ['store put']],
    ['writer', 'ingestor', ['kafka group']],
  ]
  const found = await inTurns(processesAtOnceMax, asked, async ([identity, as]) => {
    const done = await silt(
      ['doctor', '--json', '--timeout', '60', '--actor', as],
      await environmentOf(platform, identity),
    )
    said.push(done.stdout, done.stderr)
    const { findings } = JSON.parse(done.stdout) as { findings: { check: string; outcome: string }[] }
    return [identity, as, findings.filter(({ outcome }) => outcome === 'fail').map(({ check }) => check)]
  })
  expect(found).toEqual(asked)
})

test('what an identity does not need is refused: by the store, by Redis, by Kafka', async () => {
  const { minio, redis, kafka } = platform.servers.settings
  const as = (name: string) => ({ accessKeyId: name, secretAccessKey: passwordOf('store', name) })
  const status = (name: string, method: 'GET' | 'PUT' | 'DELETE', key: string): Promise<number> =>
    sendSigned(
      minio.endpoint,
      as(name),
      { method, path: `/${minio.bucket}/${key}`, ...(method === 'PUT' ? { body: 'x' } : {}) },
      minio.ca,
    )
  const [data, log, probe] = [
    `${table}/part-test.zstd.parquet`,
    `${table}/_delta_log/test.json`,
    `${table}/_silt/probe`,
  ]
  const puts = async (name: string): Promise<number[]> => [
    await status(name, 'PUT', data),
    await status(name, 'PUT', log),
    await status(name, 'PUT', probe),
    await status(name, 'PUT', 'elsewhere/part-test.zstd.parquet'),
    await status(name, 'DELETE', data),
  ]
  expect({
    ingestor: await puts('ingestor'),
    writer: await puts('writer'),
    committer: await puts('committer'),
    operator: await puts('operator'),
    upkeep: await puts('upkeep'),
  }).toEqual({
    ingestor: [403, 403, 403, 403, 403],
    writer: [200, 403, 403, 403, 403],
    committer: [403, 200, 200, 403, 403],
    operator: [403, 200, 200, 403, 403],
    upkeep: [403, 403, 403, 403, 204],
  })
  expect(await status('ingestor', 'GET', data), 'events are not for the ingestor').toBe(403)
  expect(await status('upkeep', 'DELETE', log)).toBe(204)

  const port = Number(new URL(redis.url).port)
  const asked = (name: string, command: string): Promise<string> =>
    redisAs(port, name, passwordOf('redis', name), command)
  for (const command of [
    'FLUSHALL',
    'CONFIG GET *',
    'KEYS *',
    'ACL LIST',
    'SCAN 0',
    'GET other',
    'MONITOR',
    'SHUTDOWN',
  ])
    expect(await asked('ingestor', command), command).toMatch(/^-NOPERM/)
  const lease = '{silt}:lease:silt-analytics-events-committer'
  expect(await asked('ingestor', `GET ${lease}`)).toMatch(/^-NOPERM/)
  expect(await asked('committer', `EXISTS ${lease}`)).toMatch(/^:/)

  expect(await produced(kafka.secured?.saslSsl ?? '', 'writer')).toMatch(/authoriz/i)
  expect(await produced(kafka.secured?.saslSsl ?? '', 'collector')).toBe('written')
})

test('a large object goes in parts by what its identity may do, and is given back by it', async () => {
  const { endpoint, region, bucket, ca } = platform.servers.settings.minio
  const body = Buffer.alloc(17 * 2 ** 20, 'large ')
  const log = `${table}/_delta_log/00000000000000000009.checkpoint`
  for (const [name, key] of [
    ['writer', `${table}/part-large.zstd.parquet`],
    ['committer', `${log}.committer.parquet`],
    ['operator', `${log}.operator.parquet`],
  ] as const) {
    const credentials = { accessKeyId: name, secretAccessKey: passwordOf('store', name) }
    const deps = { clock: systemClock, random: systemRandom }
    const store = openStore(`s3://${bucket}`, { endpoint, region, credentials, ca, allowHttp: false }, deps)
    await store.put(key, body)
    const sizes: number[] = []
    for await (const { sizeBytes } of store.list(key)) sizes.push(sizeBytes)
    expect(sizes, name).toEqual([body.byteLength])
    await store.close()
    const abort = { method: 'DELETE', path: `/${bucket}/${key}`, query: { uploadId: 'none' } } as const
    expect(await sendSigned(endpoint, credentials, abort, ca), `${name} may give back`).toBe(204)
    const ingestor = { accessKeyId: 'ingestor', secretAccessKey: passwordOf('store', 'ingestor') }
    expect(await sendSigned(endpoint, ingestor, abort, ca)).toBe(403)
  }
})

test('no secret is in any line of any process', () => {
  const { endpoint, writerCertificate } = platform
  const names = ['ingestor', 'writer', 'committer', 'operator', 'console']
  const passwords = names.flatMap((name) => [
    kafkaPassword(name),
    ...(['redis', 'store'] as const).map((server) => passwordOf(server, name)),
  ])
  const keyLines = writerCertificate.key.split('\n').slice(1, -2)
  const secrets = [...passwords, ...endpoint.issued, ...keyLines, clientSecret, 'not+the/password%8Kq', '8Kq']
  const text = said.join('\n')
  expect(text.length).toBeGreaterThan(10_000)
  for (const secret of secrets)
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')])
      expect(text.includes(form), secret).toBe(false)
})

function asRedisAdmin(command: string): Promise<string> {
  const port = Number(new URL(platform.servers.settings.redis.url).port)
  return redisAs(port, 'admin', passwordOf('redis', 'admin'), command)
}

async function settled(ingestor: Readonly<Record<string, string>>, context: () => string): Promise<void> {
  const idle = new SiltProcess('until-idle', ['run', 'ingestor', '--until-idle'], ingestor)
  const deadline = setTimeout(() => void idle.kill(), 120_000)
  const code = await idle.ended
  clearTimeout(deadline)
  said.push(JSON.stringify(idle.logs), idle.text.join(''))
  expect(code, `${idle.tail()}\n${context()}`).toBe(0)
}

async function produced(broker: string, username: string): Promise<string> {
  const { ca } = platform.authority
  const sasl = { mechanism: 'scram-sha-512', username, password: kafkaPassword(username) } as const
  const client = new Kafka({
    brokers: [broker],
    ssl: { ca },
    sasl,
    // Sessions are shorter here than the time it renews them ahead.
    reauthenticationThreshold: 500,
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  })
  const producer = client.producer({ allowAutoTopicCreation: false })
  try {
    await producer.connect()
    await producer.send({ topic, messages: [{ value: '{"event_type":"click"}' }] })
    return 'written'
  } catch (error) {
    return String(error)
  } finally {
    await producer.disconnect()
  }
}

function without(
  environment: Readonly<Record<string, string>>,
  first: string,
  second: string,
  more: Readonly<Record<string, string>>,
): Record<string, string> {
  const rest = Object.entries(environment).filter(([name]) => name !== first && name !== second)
  return { ...Object.fromEntries(rest), ...more }
}
