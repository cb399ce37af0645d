import { SiltError } from '@silt/core'
import type { TableState } from '@silt/delta'
import type { DecidedChange } from './commit-decision.ts'

/**
 * Releases a parked table. What the operator looked at is `atVersion`, else the newest version when first asked: a RESTORE that comes in between,
 * and makes the commit a conflict, is not released unseen. Errors: `table/no-such-version` (invalid).
 */
export function resume(
  reason: string,
  by: string,
  atVersion: number | undefined,
): (state: TableState) => DecidedChange {
  let seenVersion = atVersion
  return (state) => {
    seenVersion ??= state.version
    if (seenVersion > state.version)
      throw new SiltError(
        'invalid',
        'table/no-such-version',
        `--at-version ${seenVersion} does not exist; the newest is ${state.version}`,
      )
    return {
      operation: 'SILT RESUME TABLE',
      decisions: [{ kind: 'resume', reason, atVersion: seenVersion, by }],
      actions: [],
    }
  }
}
