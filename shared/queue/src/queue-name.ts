import { SiltError } from '@silt/core'

/** Throws `queue/denied` for a name of a queue or lease that Redis keys cannot carry unambiguously. */
export function requireQueueName(name: string): void {
  if (name === '' || name.includes(':'))
    throw new SiltError('invalid', 'queue/denied', `"${name}" is not a queue name: it must not be empty or contain ":"`)
}
