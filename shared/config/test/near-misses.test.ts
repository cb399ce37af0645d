import { expect, test } from 'vitest'
import { nearMisses } from '../src/index.ts'

test.each([
  ['KAFKA_BOOTSTRAP_SERVER', 'KAFKA_BOOTSTRAP_SERVERS'],
  ['BATCH_SIZ', 'BATCH_SIZE'],
  ['BATCH_SIEZ', 'BATCH_SIZE'],
  ['DELTA_TABEL_PATHS', 'DELTA_TABLE_PATH'],
  ['LOGLEVEL', 'LOG_LEVEL'],
  ['REDIS_URI', 'REDIS_URL'],
  ['KAFKA_SASL_PASWORD_FILE', 'KAFKA_SASL_PASSWORD_FILE'],
])('%s was meant to be %s', (given, meant) => {
  expect(nearMisses({ [given]: '5' })).toEqual([`${given} is not a setting; did you mean ${meant}?`])
})

test.each([
  ['a setting', 'BATCH_SIZE'],
  ['a setting by its file', 'BATCH_SIZE_FILE'],
  ['an address Kubernetes sets', 'REDIS_PORT'],
  ['what another program reads', 'AWS_PROFILE'],
  ['a short name', 'PATH'],
])('%s is no misspelt setting: %s', (_, given) => {
  expect(nearMisses({ [given]: '5' })).toEqual([])
})

test('a misspelt name without a value gives nothing that could be missed', () => {
  expect(nearMisses({ BATCH_SIZ: '', KAFKA_TOPICS: ' ' })).toEqual([])
})
