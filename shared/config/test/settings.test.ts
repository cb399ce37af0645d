import { expect, test } from 'vitest'
import { loadSettings, printableSettings, secretValues, settingsMarkdown } from '../src/index.ts'

const load = (environment: Record<string, string>, files: Record<string, string> = {}) =>
  loadSettings({
    environment,
    readTextFile: (path) => {
      const text = files[path]
      if (text === undefined) throw new Error(`ENOENT ${path}`)
      return text
    },
  })

test('defaults without Kafka are a folder, with Kafka the lake bucket', () => {
  expect(load({}).DELTA_TABLE_PATH).toBe('data/delta/analytics-events')
  expect(load({ KAFKA_BOOTSTRAP_SERVERS: 'k:9092' }).DELTA_TABLE_PATH).toBe('s3://analytics/delta/analytics-events')
  expect(load({ KAFKA_TOPIC: 'orders' }).KAFKA_GROUP_ID).toBe('silt-orders')
})

test('names every fault at once', () => {
  const fault = (() => {
    try {
      load({ BATCH_SIZE: 'many', KAFKA_TOPIC: 'a b', LEASE_MS: '1' })
      return ''
    } catch (error) {
      return (error as Error).message
    }
  })()
  expect(fault).toContain('BATCH_SIZE must be a whole number')
  expect(fault).toContain('KAFKA_TOPIC must be a Kafka topic name')
  expect(fault).toContain('LEASE_MS must be at least 300')
})

test.each(['-1', 'ten', '0.01'])('a number of seconds that is none says what it must be: %s', (given) => {
  expect(() => load({ BATCH_TIMEOUT_SECONDS: given })).toThrow(/BATCH_TIMEOUT_SECONDS must be .*at least 0\.05/)
})

test('reads a mounted secret, and refuses two givings of one setting', () => {
  expect(load({ REDIS_URL_FILE: '/run/redis' }, { '/run/redis': 'redis://:pw@r:6379\n' }).REDIS_URL).toBe(
    'redis://:pw@r:6379',
  )
  expect(() => load({ REDIS_URL_FILE: '/none' })).toThrow('REDIS_URL_FILE cannot be read')
  expect(() => load({ REDIS_URL: 'redis://a', REDIS_URL_FILE: '/x' }, { '/x': 'redis://b' })).toThrow(
    'set both directly',
  )
})

test('limits that contradict each other are refused', () => {
  expect(() => load({ COMMIT_JOBS_HELD_MAX: '16' })).toThrow('COMMIT_JOBS_HELD_MAX must be greater')
  expect(() => load({ HTTP_BODY_BYTES_MAX: '2097152', HTTP_IN_FLIGHT_BYTES_MAX: '1048576' })).toThrow(
    'HTTP_BODY_BYTES_MAX must not exceed HTTP_IN_FLIGHT_BYTES_MAX',
  )
  expect(() => load({ AWS_ENDPOINT_URL: 'http://minio:9000' })).toThrow('AWS_ALLOW_HTTP=true')
  expect(() => load({ AWS_ACCESS_KEY_ID: 'a' })).toThrow('must be set together')
  for (const path of ['gs://x/y', 's3:/bucket/table', 's3://b/table', 's3://bucket'])
    expect(() => load({ DELTA_TABLE_PATH: path })).toThrow('DELTA_TABLE_PATH must be s3://bucket/prefix')
  expect(() => load({ LOG_LEVEL: 'loud' })).toThrow('LOG_LEVEL must be one of debug, info')
})

test('secrets are masked in print and listed for redaction', () => {
  const settings = load({ AWS_ACCESS_KEY_ID: 'AK', AWS_SECRET_ACCESS_KEY: 'SK', REDIS_URL: 'redis://:pw@r' })
  const printed = JSON.stringify(printableSettings(settings))
  for (const secret of ['SK', 'redis://:pw@r']) expect(printed).not.toContain(`"${secret}"`)
  expect(secretValues(settings)).toEqual(['SK', 'redis://:pw@r'])
})

test('names are no secrets: a user `writer` does not take the word out of every log line', () => {
  const named = load({ AWS_ACCESS_KEY_ID: 'writer', AWS_SECRET_ACCESS_KEY: 'SK' })
  expect(secretValues(named)).toEqual(['SK'])
})

test('the Markdown table has a row a setting, with what its parser takes', () => {
  const table = settingsMarkdown()
  expect(table).toContain('| `BATCH_SIZE` | `100` | 1 to 10000000 records |')
  expect(table).toContain('| `PARTITION_BY` |  | `event_date` |')
  expect(table).toContain('| `COMMIT_READ_BACK` | `auto` | `auto`, `on`, `off` |')
  expect(table).toContain('| `AWS_ALLOW_HTTP` | `false` | `true`, `false` |')
  expect(table).toContain('| `START_FROM` | `earliest` | earliest, latest, an ISO time with zone, or')
  expect(table).toContain('| `TOPICS_DIR` | `data/topics` |  |')
})
