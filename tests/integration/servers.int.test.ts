import { inject, expect, test, onTestFinished } from 'vitest'
import { startRedis, startServers } from '../servers/index.ts'
import { metadataHasBroker } from '../servers/kafka-probe.ts'
import { askRedis } from '../servers/redis-wire.ts'
import { sendSigned } from '../servers/signed-request.ts'
import type { S3Settings } from '../servers/index.ts'

const servers = inject('servers')

function portOf(address: string): number {
  return Number(address.slice(address.lastIndexOf(':') + 1))
}

async function unsignedStatus(url: string, method: string): Promise<number> {
  const response = await fetch(url, { method })
  return response.status
}

test('kafka of the run answers as a broker', async () => {
  expect(await metadataHasBroker(portOf(servers.kafka.bootstrapServers))).toBe(true)
})

test('redis of the run answers', async () => {
  expect(await askRedis(portOf(servers.redis.url), 'PING')).toBe('+PONG')
})

test('redis refuses writes rather than evict when its memory is full', async () => {
  const redis = await startRedis({ maxMemory: '1kb' })
  onTestFinished(() => redis.dispose())
  await expect(askRedis(portOf(redis.settings.url), 'SET key value')).rejects.toThrow('OOM')
})

for (const [name, s3] of [
  ['minio', servers.minio],
  ['versitygw', servers.versitygw],
] as const satisfies readonly (readonly [string, S3Settings])[]) {
  test(`${name}: the user works in its bucket, takes one put-if-absent, and is refused elsewhere`, async () => {
    const key = `/${s3.bucket}/smoke/object`
    const put = { method: 'PUT', path: key, body: 'silt', onlyIfAbsent: true } as const
    expect(await sendSigned(s3.endpoint, s3, put)).toBe(200)
    expect(await sendSigned(s3.endpoint, s3, put)).toBe(412)
    expect(await sendSigned(s3.endpoint, s3, { method: 'GET', path: key })).toBe(200)
    const other = `elsewhere-${name}`
    expect(await sendSigned(s3.endpoint, s3.root, { method: 'PUT', path: `/${other}` })).toBe(200)
    expect(await sendSigned(s3.endpoint, s3, { method: 'PUT', path: `/${other}/object`, body: 'silt' })).toBe(403)
    expect(await sendSigned(s3.endpoint, s3, { method: 'GET', path: `/${other}` })).toBe(403)
  })

  test(`${name}: anonymous reads, lists and writes are refused`, async () => {
    const url = `${s3.endpoint}/${s3.bucket}`
    expect(await unsignedStatus(`${url}/smoke/object`, 'GET')).toBe(403)
    expect(await unsignedStatus(url, 'GET')).toBe(403)
    expect(await unsignedStatus(`${url}/smoke/other`, 'PUT')).toBe(403)
  })
}

test('servers of a test come back after a kill with their data, on their ports', async () => {
  const own = await startServers({ kafka: {}, redis: { appendOnly: true }, minio: {}, versitygw: {} })
  onTestFinished(() => own.stop())
  const { redis, kafka, minio, versitygw, settings } = own
  const redisPort = portOf(settings.redis.url)
  await askRedis(redisPort, 'SET kept 1')
  for (const store of [settings.minio, settings.versitygw]) {
    expect(await sendSigned(store.endpoint, store, { method: 'PUT', path: `/${store.bucket}/kept`, body: 'x' })).toBe(
      200,
    )
  }

  await Promise.all([redis, kafka, minio, versitygw].map((server) => server.kill()))
  expect([redis.pid, kafka.pid, minio.pid, versitygw.pid]).toEqual([undefined, undefined, undefined, undefined])
  await expect(askRedis(redisPort, 'PING')).rejects.toThrow('ECONNREFUSED')
  await Promise.all([redis, kafka, minio, versitygw].map((server) => server.start()))

  expect(await metadataHasBroker(portOf(settings.kafka.bootstrapServers))).toBe(true)
  expect(await askRedis(redisPort, 'EXISTS kept')).toBe(':1')
  await redis.flush()
  expect(await askRedis(redisPort, 'EXISTS kept')).toBe(':0')
  for (const store of [settings.minio, settings.versitygw]) {
    expect(await sendSigned(store.endpoint, store, { method: 'GET', path: `/${store.bucket}/kept` })).toBe(200)
  }
})
