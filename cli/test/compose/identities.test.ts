import { loadSettings } from '@silt/config'
import { systemClock } from '@silt/core'
import { Redaction } from '@silt/telemetry'
import { expect, test } from 'vitest'
import {
  awsCredentials,
  caBundle,
  kafkaSecurity,
  redisIdentity,
  type IdentityDeps,
} from '../../src/compose/identities.ts'

function given(environment: Record<string, string>, files: Record<string, string> = {}) {
  const readTextFile = (path: string): string => {
    const text = files[path]
    if (text === undefined) throw new Error(`ENOENT ${path}`)
    return text
  }
  const now = { ms: 0 }
  const secrets = new Redaction()
  const clock = { ...systemClock, monotonicMs: () => now.ms }
  const deps: IdentityDeps = { environment, readTextFile, secrets, clock }
  return { settings: loadSettings({ environment, readTextFile }), deps, secrets, now, files }
}

test('Kafka is plain unless the protocol says otherwise', () => {
  const { settings, deps } = given({ KAFKA_BOOTSTRAP_SERVERS: 'k:9092' })
  expect(kafkaSecurity(settings, deps)).toBeUndefined()
})

test('a rotated Kafka password counts at the next connection, and is kept out of the log before', async () => {
  const { settings, deps, secrets, files } = given(
    {
      KAFKA_SECURITY_PROTOCOL: 'SASL_SSL',
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-256',
      KAFKA_SASL_USERNAME: 'writer',
      KAFKA_SASL_PASSWORD_FILE: '/pw',
    },
    { '/pw': 'before\n' },
  )
  const security = kafkaSecurity(settings, deps)
  expect(await security?.()).toEqual({
    tls: {},
    sasl: { mechanism: 'SCRAM-SHA-256', username: 'writer', password: 'before' },
  })
  files['/pw'] = 'afterwards\n'
  expect((await security?.())?.sasl).toMatchObject({ password: 'afterwards' })
  expect(secrets.apply('afterwards')).toBe('[redacted]')
})

test('a token and its extensions go with OAUTHBEARER', async () => {
  const { settings, deps } = given({
    KAFKA_SECURITY_PROTOCOL: 'SASL_PLAINTEXT',
    KAFKA_SASL_MECHANISM: 'OAUTHBEARER',
    KAFKA_SASL_OAUTHBEARER_TOKEN: 'aaa.bbb.ccc',
    KAFKA_SASL_OAUTHBEARER_EXTENSIONS: 'logicalCluster=lkc-1,identityPoolId=pool=2',
  })
  expect(await kafkaSecurity(settings, deps)?.()).toEqual({
    sasl: {
      mechanism: 'OAUTHBEARER',
      token: 'aaa.bbb.ccc',
      extensions: { logicalCluster: 'lkc-1', identityPoolId: 'pool=2' },
    },
  })
})

test("a rotated REDIS_URL counts for its user and password; the settings' own go before", () => {
  const files = { '/url': 'rediss://writer:p%40ss@redis:6380' }
  const { settings, deps } = given({ REDIS_URL_FILE: '/url' }, files)
  const identity = redisIdentity(settings, deps)
  expect(identity()).toMatchObject({ username: 'writer', password: 'p@ss' })
  files['/url'] = 'rediss://writer:rotated@redis:6380'
  expect(identity()).toMatchObject({ username: 'writer', password: 'rotated' })
  const own = given({ REDIS_URL: 'redis://redis:6379', REDIS_USERNAME: 'writer', REDIS_PASSWORD: 'own' })
  expect(redisIdentity(own.settings, own.deps)()).toMatchObject({ username: 'writer', password: 'own' })
})

test('keys of the store are read again, at most once a second', async () => {
  const { settings, deps, files, now } = given(
    { AWS_ACCESS_KEY_ID: 'writer', AWS_SECRET_ACCESS_KEY_FILE: '/key' },
    { '/key': 'before' },
  )
  const credentials = awsCredentials(settings, deps)
  expect((await credentials()).secretAccessKey).toBe('before')
  files['/key'] = 'afterwards'
  now.ms = 900
  expect((await credentials()).secretAccessKey).toBe('before')
  now.ms = 1_000
  expect((await credentials()).secretAccessKey).toBe('afterwards')
})

test('a bundle that is away, or holds no certificate, is named', () => {
  const away = given({ AWS_CA_BUNDLE: '/ca.pem' })
  expect(() => caBundle(away.settings, away.deps)).toThrow('AWS_CA_BUNDLE cannot be read: ENOENT')
  const wrong = given({ AWS_CA_BUNDLE: '/ca.pem' }, { '/ca.pem': 'not a certificate' })
  expect(() => caBundle(wrong.settings, wrong.deps)).toThrow('AWS_CA_BUNDLE holds no certificate in PEM')
})
