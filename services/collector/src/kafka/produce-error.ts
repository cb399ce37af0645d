import { SiltError, tlsFault } from '@silt/core'

const tooLarge = ['MESSAGE_TOO_LARGE', 'RECORD_LIST_TOO_LARGE']
const unauthorized = ['TOPIC_AUTHORIZATION_FAILED', 'CLUSTER_AUTHORIZATION_FAILED']

/**
 * What an error of kafkajs says of the events that were sent: `collector/event-too-large` (data; nothing is stored), `collector/denied` (invalid; nothing
 * is stored), `collector/no-topic` (unavailable), else `collector/unanswered` (ambiguous: they may be stored).
 */
export function produceError(thrown: unknown, topic: string): SiltError {
  if (thrown instanceof SiltError) return thrown
  const types = chainOf(thrown).map((error) => textOf(error, 'type'))
  const options = { context: { topic }, cause: thrown }
  if (types.some((type) => tooLarge.includes(type)))
    return new SiltError(
      'data',
      'collector/event-too-large',
      `the event is larger than topic ${topic} takes (max.message.bytes)`,
      options,
    )
  if (isUnauthorized(thrown))
    return new SiltError('invalid', 'collector/denied', `KAFKA_TOPIC ${topic}: this user may not write to it`, options)
  if (types.includes('UNKNOWN_TOPIC_OR_PARTITION')) return noTopic(topic, thrown)
  if (isRefusedConnection(thrown)) return refusedConnection(thrown)
  return new SiltError(
    'ambiguous',
    'collector/unanswered',
    `KAFKA_BOOTSTRAP_SERVERS: no answer for events of topic ${topic}; they may be stored`,
    options,
  )
}

/** Nothing was sent yet when this connection failed. */
export function connectError(thrown: unknown): SiltError {
  if (isRefusedConnection(thrown)) return refusedConnection(thrown)
  if (isUnauthorized(thrown))
    return new SiltError(
      'invalid',
      'collector/denied',
      'Kafka lets this user write to no topic; allow Write on KAFKA_TOPIC',
      {
        cause: thrown,
      },
    )
  return new SiltError('unavailable', 'collector/unavailable', 'KAFKA_BOOTSTRAP_SERVERS: no broker can be reached', {
    cause: thrown,
  })
}

export function noTopic(topic: string, cause?: unknown): SiltError {
  const message = `KAFKA_TOPIC ${topic} does not exist; create it, the collector makes no topics`
  return new SiltError('unavailable', 'collector/no-topic', message, { context: { topic }, cause })
}

function refusedConnection(cause: unknown): SiltError {
  const message = 'Kafka refuses the connection; correct KAFKA_SASL_… or KAFKA_SSL_…'
  return new SiltError('invalid', 'collector/denied', message, { cause })
}

function isUnauthorized(thrown: unknown): boolean {
  return chainOf(thrown).some((error) => unauthorized.includes(textOf(error, 'type')))
}

function isRefusedConnection(thrown: unknown): boolean {
  return chainOf(thrown).some(
    (error) => error.name === 'KafkaJSSASLAuthenticationError' || tlsFault(textOf(error, 'code')) !== undefined,
  )
}

const causesMax = 5

function chainOf(thrown: unknown): readonly Error[] {
  const chain: Error[] = []
  for (let error = thrown; error instanceof Error && chain.length < causesMax; error = error.cause) chain.push(error)
  return chain
}

function textOf(error: Error, field: string): string {
  const value: unknown = (error as unknown as Readonly<Record<string, unknown>>)[field]
  return typeof value === 'string' ? value : ''
}
