import { SiltError } from '@silt/core'

const denied = /\b(NOAUTH|WRONGPASS|NOPERM|invalid password|DENIED)\b/
const outOfMemory = /\bOOM\b/

/**
 * Any error of the Redis client or BullMQ as the port's: `queue/full`, `queue/denied`, else `queue/unavailable`.
 * The original is left behind: its enumerable fields hold command arguments, the password of AUTH among them.
 */
export function redisError(error: unknown, action: string): SiltError {
  if (error instanceof SiltError) return error
  const reason = messageOf(error)
  const options = { context: { action, reason } }
  if (outOfMemory.test(reason))
    return new SiltError(
      'unavailable',
      'queue/full',
      `REDIS_URL: cannot ${action}: Redis has reached its maxmemory; raise it or find what else fills it (${reason})`,
      options,
    )
  if (denied.test(reason))
    return new SiltError(
      'invalid',
      'queue/denied',
      `REDIS_URL: cannot ${action}: Redis refuses it (${reason})`,
      options,
    )
  return new SiltError('unavailable', 'queue/unavailable', `REDIS_URL: cannot ${action}: ${reason}`, options)
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  return error.message === '' ? error.name : error.message
}
