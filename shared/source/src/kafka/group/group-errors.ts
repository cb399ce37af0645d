import { SiltError } from '@silt/core'
import { protocolFailure } from '../protocol-errors.ts'

const COORDINATOR_LOAD_IN_PROGRESS = 14
const COORDINATOR_NOT_AVAILABLE = 15
const NOT_COORDINATOR = 16
const ILLEGAL_GENERATION = 22
const INCONSISTENT_GROUP_PROTOCOL = 23
const UNKNOWN_MEMBER_ID = 25
const INVALID_SESSION_TIMEOUT = 26
const REBALANCE_IN_PROGRESS = 27
const MEMBER_ID_REQUIRED = 79
const GROUP_MAX_SIZE_REACHED = 81
const FENCED_INSTANCE_ID = 82

/** What an error code of a group call means to the member: join again, as whom, or look for the coordinator. */
export type GroupVerdict =
  | { readonly kind: 'fine' }
  | { readonly kind: 'rejoin' }
  /** Kicked out: partitions are others' now, the member id is worth nothing. */
  | { readonly kind: 'forgotten' }
  | { readonly kind: 'name-yourself' }
  | { readonly kind: 'failed'; readonly error: SiltError }

export function groupVerdict(code: number, groupId: string): GroupVerdict {
  switch (code) {
    case 0:
      return { kind: 'fine' }
    case REBALANCE_IN_PROGRESS:
      return { kind: 'rejoin' }
    case ILLEGAL_GENERATION:
    case UNKNOWN_MEMBER_ID:
      return { kind: 'forgotten' }
    case MEMBER_ID_REQUIRED:
      return { kind: 'name-yourself' }
    default:
      return { kind: 'failed', error: failure(code, groupId) }
  }
}

function failure(code: number, groupId: string): SiltError {
  const context = { groupId }
  switch (code) {
    case COORDINATOR_LOAD_IN_PROGRESS:
    case COORDINATOR_NOT_AVAILABLE:
    case NOT_COORDINATOR:
      return new SiltError('unavailable', 'source/unavailable', `the coordinator of group ${groupId} is moving`, {
        context,
      })
    case GROUP_MAX_SIZE_REACHED:
      return new SiltError('unavailable', 'source/unavailable', `group ${groupId} is full (group.max.size)`, {
        context,
      })
    case FENCED_INSTANCE_ID:
      return new SiltError(
        'fenced',
        'source/fenced-instance',
        `another process has joined group ${groupId} under the same group.instance.id`,
        { context },
      )
    case INCONSISTENT_GROUP_PROTOCOL:
      return new SiltError(
        'invalid',
        'source/denied',
        `group ${groupId} belongs to consumers of another kind; give Silt a KAFKA_GROUP_ID of its own`,
        { context },
      )
    case INVALID_SESSION_TIMEOUT:
      return new SiltError(
        'invalid',
        'source/denied',
        `the brokers of group ${groupId} refuse the session timeout (group.min.session.timeout.ms, group.max.session.timeout.ms)`,
        { context },
      )
    default:
      return protocolFailure(code, `group ${groupId}`, context)
  }
}
