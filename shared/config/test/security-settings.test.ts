import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadSettings, printableSettings, rotatingSettings, secretValues } from '../src/index.ts'

const kafka = { KAFKA_BOOTSTRAP_SERVERS: 'k:9092' }
const pem = { certificate: '', key: '', otherKey: '' }
let folder = ''

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'silt-pem-'))
  for (const name of ['a', 'b'])
    execFileSync('openssl', [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-subj', '/CN=test'],
      ...['-keyout', join(folder, `${name}.key`), '-out', join(folder, `${name}.crt`)],
    ])
  pem.certificate = readFileSync(join(folder, 'a.crt'), 'utf8')
  pem.key = readFileSync(join(folder, 'a.key'), 'utf8')
  pem.otherKey = readFileSync(join(folder, 'b.key'), 'utf8')
})

afterAll(() => rmSync(folder, { recursive: true, force: true }))

const load = (environment: Record<string, string>, files: Record<string, string> = {}) =>
  loadSettings(sourceOf(environment, files))

function sourceOf(environment: Record<string, string>, files: Record<string, string>) {
  return {
    environment,
    readTextFile: (path: string) => {
      const text = files[path]
      if (text === undefined) throw new Error(`ENOENT ${path}`)
      return text
    },
  }
}

test('SASL asks for its mechanism and what that needs, each by name', () => {
  expect(() => load({ ...kafka, KAFKA_SECURITY_PROTOCOL: 'SASL_SSL' })).toThrow(
    'KAFKA_SASL_MECHANISM must be set with KAFKA_SECURITY_PROTOCOL=SASL_SSL',
  )
  const scram = { ...kafka, KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512' }
  expect(() => load({ ...scram, KAFKA_SASL_USERNAME: 'writer' })).toThrow(
    'KAFKA_SASL_PASSWORD must be set with KAFKA_SASL_MECHANISM=SCRAM-SHA-512',
  )
  const good = load({ ...scram, KAFKA_SASL_USERNAME: 'writer', KAFKA_SASL_PASSWORD: 'hunter22' })
  expect(secretValues(good)).toEqual(['hunter22'])
  expect(printableSettings(good)['KAFKA_SASL_PASSWORD']).toBe('***')
})

test('a token, a token endpoint or MSK: each method names what it lacks', () => {
  const bearer = { ...kafka, KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_SASL_MECHANISM: 'OAUTHBEARER' }
  expect(() => load(bearer)).toThrow('KAFKA_SASL_OAUTHBEARER_TOKEN must be set')
  expect(() => load({ ...bearer, KAFKA_SASL_OAUTHBEARER_METHOD: 'client-credentials' })).toThrow(
    /TOKEN_URL must be set[^]*CLIENT_ID must be set[^]*CLIENT_SECRET must be set/,
  )
  expect(() => load({ ...bearer, KAFKA_SASL_OAUTHBEARER_TOKEN_URL: 'http://idp.example/token' })).toThrow(
    'must be an https URL',
  )
  expect(load({ ...bearer, KAFKA_SASL_OAUTHBEARER_METHOD: 'aws-msk-iam' }).KAFKA_SASL_MECHANISM).toBe('OAUTHBEARER')
})

test('what was given and would not be used is refused: a password without SASL, an authority without TLS', () => {
  expect(() => load({ ...kafka, KAFKA_SASL_PASSWORD: 'x' })).toThrow(
    'KAFKA_SASL_PASSWORD is set, but KAFKA_SECURITY_PROTOCOL=PLAINTEXT has no SASL',
  )
  expect(() => load({ ...kafka, KAFKA_SSL_CA: pem.certificate })).toThrow('KAFKA_SSL_CA is set, but')
  expect(() => load({ REDIS_URL: 'redis://r:6379', REDIS_CA: pem.certificate })).toThrow('begins with rediss://')
  expect(() => load({ REDIS_URL: 'rediss://a:b@r:6379', REDIS_PASSWORD: 'c' })).toThrow('REDIS_URL has one too')
  expect(() => load({ REDIS_PASSWORD: 'c' })).toThrow('REDIS_PASSWORD is set, but REDIS_URL is not')
})

test('certificates and keys are read at start: a path in their place, a key of another certificate', () => {
  const tls = { ...kafka, KAFKA_SECURITY_PROTOCOL: 'SSL' }
  expect(() => load({ ...tls, KAFKA_SSL_CA: '/etc/ca.pem' })).toThrow('give a path as …_FILE')
  expect(() => load({ ...tls, KAFKA_SSL_CERT: pem.certificate })).toThrow('KAFKA_SSL_KEY must be set together')
  expect(() => load({ ...tls, KAFKA_SSL_CERT: pem.certificate, KAFKA_SSL_KEY: pem.otherKey })).toThrow(
    'KAFKA_SSL_KEY is not the key of KAFKA_SSL_CERT',
  )
  const files = { '/c': pem.certificate, '/k': pem.key }
  expect(load({ ...tls, KAFKA_SSL_CERT_FILE: '/c', KAFKA_SSL_KEY_FILE: '/k' }, files).KAFKA_SSL_KEY).toContain('KEY')
})

test('a replaced file is taken up, told before it is used; one that is away leaves the last good value', () => {
  const files: Record<string, string> = { '/pw': 'first\n' }
  const source = sourceOf({ REDIS_URL: 'rediss://r:6379', REDIS_PASSWORD_FILE: '/pw' }, files)
  const told: string[] = []
  const rotating = rotatingSettings(loadSettings(source), source, {
    onValue: (value) => told.push(value),
    onFault: (setting) => told.push(setting),
  })
  expect(rotating.current('REDIS_PASSWORD')).toBe('first')
  files['/pw'] = 'second\n'
  expect(rotating.current('REDIS_PASSWORD')).toBe('second')
  delete files['/pw']
  expect([rotating.current('REDIS_PASSWORD'), rotating.current('REDIS_PASSWORD')]).toEqual(['second', 'second'])
  expect(told).toEqual(['second', 'REDIS_PASSWORD_FILE'])
  expect(rotating.current('REDIS_URL')).toBe('rediss://r:6379')
})
