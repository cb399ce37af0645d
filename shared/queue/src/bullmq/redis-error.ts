import { SiltError, tlsFault, tlsRemedy, type TlsSettingNames } from '@silt/core'

const denied = /\b(NOAUTH|WRONGPASS|NOPERM|invalid password|DENIED)\b/
const outOfMemory = /\bOOM\b/
const tlsSettings: TlsSettingNames = {
  ca: 'REDIS_CA',
  cert: 'REDIS_CERT',
  key: 'REDIS_KEY',
  address: 'REDIS_URL',
  protocol: 'REDIS_URL (redis:// or rediss://)',
}

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
      `REDIS_URL: cannot ${action}: Redis refuses it (${reason}); ${remedyOf(reason)}`,
      options,
    )
  const code = error instanceof Error && 'code' in error ? String(error.code) : ''
  const fault = tlsFault(code)
  if (fault !== undefined) {
    const remedy = tlsRemedy(fault, tlsSettings)
    return new SiltError('invalid', 'queue/denied', `REDIS_URL: cannot ${action}: ${remedy} (${code})`, options)
  }
  return new SiltError('unavailable', 'queue/unavailable', `REDIS_URL: cannot ${action}: ${reason}`, options)
}

function remedyOf(reason: string): string {
  return /\bNOPERM\b/.test(reason)
    ? 'the ACL of this user lacks it; deploy/policies/redis has what each actor needs'
    : 'correct REDIS_USERNAME and REDIS_PASSWORD, or those in REDIS_URL'
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error instanceof AggregateError && error.message === '') return error.errors.map(messageOf).join('; ')
  return error.message === '' ? error.name : error.message
}
