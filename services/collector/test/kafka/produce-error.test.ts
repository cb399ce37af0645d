import { expect, test } from 'vitest'
import { connectError, produceError } from '../../src/kafka/produce-error.ts'

/** As kafkajs wraps what a broker answered. */
function wrapped(fields: Readonly<Record<string, unknown>>): Error {
  return new Error('retries are spent', { cause: Object.assign(new Error('the cause'), fields) })
}

test.each([
  [{ type: 'MESSAGE_TOO_LARGE' }, 'data', 'collector/event-too-large'],
  [{ type: 'TOPIC_AUTHORIZATION_FAILED' }, 'invalid', 'collector/denied'],
  [{ type: 'UNKNOWN_TOPIC_OR_PARTITION' }, 'unavailable', 'collector/no-topic'],
  [{ name: 'KafkaJSSASLAuthenticationError' }, 'invalid', 'collector/denied'],
  [{ code: 'SELF_SIGNED_CERT_IN_CHAIN' }, 'invalid', 'collector/denied'],
  [{ type: 'REQUEST_TIMED_OUT' }, 'ambiguous', 'collector/unanswered'],
  [{ type: 'NOT_ENOUGH_REPLICAS_AFTER_APPEND' }, 'ambiguous', 'collector/unanswered'],
  [{ name: 'KafkaJSConnectionClosedError' }, 'ambiguous', 'collector/unanswered'],
])('a send that ended with %j', (fields, kind, code) => {
  expect(produceError(wrapped(fields), 'events')).toMatchObject({ kind, code })
})

test.each([
  [{ type: 'CLUSTER_AUTHORIZATION_FAILED' }, 'invalid', 'collector/denied'],
  [{ name: 'KafkaJSSASLAuthenticationError' }, 'invalid', 'collector/denied'],
  [{ code: 'ECONNREFUSED' }, 'unavailable', 'collector/unavailable'],
])('a producer that did not open with %j stored nothing', (fields, kind, code) => {
  expect(connectError(wrapped(fields))).toMatchObject({ kind, code })
})
