import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { warnOfNearMisses } from '../src/compose/warn-of-near-misses.ts'
import { exitCodes } from '../src/exit-code.ts'
import { runProgram } from '../src/program.ts'
import type { Terminal } from '../src/terminal.ts'
import { testTerminal } from './support/terminal.ts'

let folder: string
let told: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'silt-config-'))
  told = ''
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const terminalOf = (environment: Record<string, string>): Terminal =>
  testTerminal({ environment }, (text) => void (told += text))

const check = (environment: Record<string, string>): Promise<number> =>
  runProgram(['config', 'check'], terminalOf(environment))

test('a misspelt setting is warned about, and the check stays good', async () => {
  expect(await check({ KAFKA_BOOTSTRAP_SERVER: 'broker:9092' })).toBe(exitCodes.ok)
  expect(told).toContain('warning: KAFKA_BOOTSTRAP_SERVER is not a setting; did you mean KAFKA_BOOTSTRAP_SERVERS?\n')
  expect(told).toContain('settings are good\n')
})

test('a misspelt setting is named beside the fault it makes', async () => {
  expect(await check({ KAFKA_SECURITY_PROTOCOL: 'SASL_SSL', KAFKA_SASL_MECHANISMS: 'PLAIN' })).toBe(exitCodes.usage)
  expect(told).toContain('did you mean KAFKA_SASL_MECHANISM?')
  expect(told).toContain('KAFKA_SASL_MECHANISM must be set')
})

test('says which source, queue and table the settings choose', async () => {
  expect(await check({ TOPICS_DIR: 'topics' })).toBe(exitCodes.ok)
  expect(told).toContain(
    'source: files in topics/analytics-events (KAFKA_BOOTSTRAP_SERVERS is not set); ' +
      'queue: in this process (REDIS_URL is not set); table: data/delta/analytics-events\n',
  )
})

test('says where Redis is without the password of its URL', async () => {
  await check({ KAFKA_BOOTSTRAP_SERVERS: 'broker:9092', REDIS_URL: 'redis://me:pw@queue:6379' })
  expect(told).toContain(
    'source: topic analytics-events of Kafka at broker:9092; queue: Redis at queue:6379; table: s3://analytics/delta/analytics-events\n',
  )
})

test('the doctor warns about a misspelt setting', async () => {
  const environment = { BATCH_SIZ: '5', TOPICS_DIR: join(folder, 'topics'), DELTA_TABLE_PATH: join(folder, 'table') }
  expect(await runProgram(['doctor'], terminalOf(environment))).toBe(exitCodes.ok)
  expect(told).toMatch(/^WARN {2}settings +BATCH_SIZ is not a setting; did you mean BATCH_SIZE\?$/m)
})

test('a start logs all misspelt settings in one warning, and none where there are none', () => {
  const lines: unknown[] = []
  const log = { warn: (fields: unknown) => void lines.push(fields) }
  warnOfNearMisses({ environment: { BATCH_SIZE: '5' } }, log)
  expect(lines).toEqual([])
  warnOfNearMisses({ environment: { BATCH_SIZ: '5', LOGLEVEL: 'info' } }, log)
  expect(lines).toEqual([{ misspelt: [expect.stringContaining('BATCH_SIZ '), expect.stringContaining('LOG_LEVEL?')] }])
})

test.each([
  ['console', 'console/needs-proxy-token', { CONSOLE_USER_HEADER: 'x' }],
  ['console', 'console/needs-login', { CONSOLE_ADMIN_USERS: 'ann' }],
  ['console', 'run/needs-redis', { CONSOLE_TOKEN: 'sixteen-characters' }],
  ['collector', 'collector/needs-token', { HTTP_HOST: '0.0.0.0' }],
])('what %s would refuse at its start fails the check: %s', async (service, code, environment) => {
  expect(await check(environment)).toBe(exitCodes.usage)
  expect(told).toMatch(new RegExp(`^  silt run ${service} refuses them: .* \\[${code}\\]`, 'm'))
  expect(told).not.toContain('settings are good')
})

test('names what every service would refuse at once, and nothing where each would start', async () => {
  await check({ HTTP_HOST: '0.0.0.0', CONSOLE_USER_HEADER: 'x' })
  for (const service of ['collector', 'console']) expect(told).toContain(`silt run ${service} refuses`)
  const tokens = { HTTP_TOKEN: 'sixteen-characters', CONSOLE_PROXY_TOKEN: 'sixteen-characters' }
  const environment = { ...tokens, HTTP_HOST: '0.0.0.0', CONSOLE_USER_HEADER: 'x', REDIS_URL: 'redis://queue:6379' }
  expect(await check(environment)).toBe(exitCodes.ok)
})
