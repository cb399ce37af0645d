import { SiltError } from '@silt/core'
import type { ErrorContext } from '@silt/core'

/** What the reader does about an error code of the Kafka protocol. */
export type ErrorRemedy =
  'refresh' | 'retry' | 'out-of-range' | 'missing' | 'denied' | 'corrupt' | 'unsupported' | 'refuse'

interface ProtocolError {
  readonly name: string
  readonly remedy: ErrorRemedy
}

const ERRORS: Readonly<Record<number, ProtocolError>> = {
  1: { name: 'OFFSET_OUT_OF_RANGE', remedy: 'out-of-range' },
  2: { name: 'CORRUPT_MESSAGE', remedy: 'corrupt' },
  3: { name: 'UNKNOWN_TOPIC_OR_PARTITION', remedy: 'missing' },
  5: { name: 'LEADER_NOT_AVAILABLE', remedy: 'refresh' },
  6: { name: 'NOT_LEADER_OR_FOLLOWER', remedy: 'refresh' },
  7: { name: 'REQUEST_TIMED_OUT', remedy: 'retry' },
  8: { name: 'BROKER_NOT_AVAILABLE', remedy: 'refresh' },
  9: { name: 'REPLICA_NOT_AVAILABLE', remedy: 'refresh' },
  13: { name: 'NETWORK_EXCEPTION', remedy: 'retry' },
  17: { name: 'INVALID_TOPIC_EXCEPTION', remedy: 'refuse' },
  29: { name: 'TOPIC_AUTHORIZATION_FAILED', remedy: 'denied' },
  30: { name: 'GROUP_AUTHORIZATION_FAILED', remedy: 'denied' },
  31: { name: 'CLUSTER_AUTHORIZATION_FAILED', remedy: 'denied' },
  33: { name: 'UNSUPPORTED_SASL_MECHANISM', remedy: 'denied' },
  34: { name: 'ILLEGAL_SASL_STATE', remedy: 'denied' },
  35: { name: 'UNSUPPORTED_VERSION', remedy: 'unsupported' },
  43: { name: 'UNSUPPORTED_FOR_MESSAGE_FORMAT', remedy: 'unsupported' },
  56: { name: 'KAFKA_STORAGE_ERROR', remedy: 'refresh' },
  58: { name: 'SASL_AUTHENTICATION_FAILED', remedy: 'denied' },
  74: { name: 'FENCED_LEADER_EPOCH', remedy: 'refresh' },
  75: { name: 'UNKNOWN_LEADER_EPOCH', remedy: 'refresh' },
  76: { name: 'UNSUPPORTED_COMPRESSION_TYPE', remedy: 'unsupported' },
  78: { name: 'OFFSET_NOT_AVAILABLE', remedy: 'retry' },
  89: { name: 'THROTTLING_QUOTA_EXCEEDED', remedy: 'retry' },
  100: { name: 'UNKNOWN_TOPIC_ID', remedy: 'missing' },
  103: { name: 'INCONSISTENT_TOPIC_ID', remedy: 'missing' },
}

/** Name and remedy of an error code; one we have not met is retried within the budget: brokers add transient ones. */
export function protocolError(code: number): ProtocolError {
  return ERRORS[code] ?? { name: `error ${code}`, remedy: 'retry' }
}

/** The error a caller sees when the remedy is not ours to apply. */
export function protocolFailure(code: number, what: string, context: ErrorContext): SiltError {
  const { name, remedy } = protocolError(code)
  const options = { context: { ...context, protocolError: name } }
  switch (remedy) {
    case 'denied':
      return new SiltError(
        'invalid',
        'source/denied',
        `Kafka refuses ${what}: ${name}; grant it to this user, deploy/policies/kafka has the ACLs of each actor`,
        options,
      )
    case 'unsupported':
      return new SiltError('unsupported', 'source/unsupported', `Kafka cannot serve ${what}: ${name}`, options)
    case 'corrupt':
      return new SiltError('data', 'source/corrupt', `Kafka reports damaged data for ${what}: ${name}`, options)
    case 'out-of-range':
      return new SiltError('data', 'source/out-of-range', `${what}: ${name}`, options)
    case 'refuse':
      return new SiltError('invalid', 'source/denied', `Kafka refuses ${what}: ${name}; check KAFKA_TOPIC`, options)
    case 'missing':
    case 'refresh':
    case 'retry':
      return new SiltError('unavailable', 'source/unavailable', `Kafka cannot serve ${what} now: ${name}`, options)
  }
}
