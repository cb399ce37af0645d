import { parkedError, parkingAt, whatParked } from '@silt/committer'
import { pauseOf, releasingTxns, type Decision } from '@silt/contracts'
import { SiltError, type ObjectStore } from '@silt/core'
import type { TableState } from '@silt/delta'
import type { DecidedChange } from './commit-decision.ts'

export interface ResumeRequest {
  /** Why rows may go on from the present progress; a parked table is not released without it. */
  readonly reason: string | undefined
  readonly by: string
  /** The version the operator has looked at; undefined: the newest when first asked. */
  readonly atVersion: number | undefined
}

/**
 * Lets a table go on that an operator paused, another engine's RESTORE or overwrite parked, or both. Undefined where it is neither. A RESTORE newer
 * than what the operator looked at, also one that comes while this is being committed, is not released unseen.
 * Errors: `table/no-such-version`, `table/reason-missing`, `table/parked-since` (invalid).
 */
export function resume(
  request: ResumeRequest,
  store: ObjectStore,
): (state: TableState) => Promise<DecidedChange | undefined> {
  let seenVersion = request.atVersion
  return async (state) => {
    seenVersion ??= state.version
    if (seenVersion > state.version)
      throw new SiltError(
        'invalid',
        'table/no-such-version',
        `--at-version ${seenVersion} does not exist; the newest is ${state.version}`,
      )
    const decisions = [...(await parkedRelease(request, seenVersion, store, state)), ...pauseRelease(request, state)]
    if (decisions.length === 0) return undefined
    const txns = decisions.some(({ kind }) => kind === 'unpause')
      ? releasingTxns(state.version + 1)
      : new Map<string, number>()
    return {
      operation: 'SILT RESUME TABLE',
      decisions,
      actions: [...txns].map(([appId, version]) => ({ txn: { appId, version } })),
    }
  }
}

function pauseRelease({ reason, by }: ResumeRequest, state: TableState): readonly Decision[] {
  return pauseOf(state.txns) === undefined ? [] : [{ kind: 'unpause', reason: reason ?? '', by }]
}

async function parkedRelease(
  { reason, by }: ResumeRequest,
  seenVersion: number,
  store: ObjectStore,
  state: TableState,
): Promise<readonly Decision[]> {
  const parked = await parkingAt(store, state)
  if (parked === undefined) return []
  if (parked.version > seenVersion)
    throw new SiltError(
      'invalid',
      'table/parked-since',
      `${whatParked(parked)}, newer than version ${seenVersion} that you looked at; look again`,
    )
  if (reason === undefined)
    throw new SiltError(
      'invalid',
      'table/reason-missing',
      `${parkedError(parked).message}; say with --reason why rows may go on from the present progress`,
    )
  return [{ kind: 'resume', reason, atVersion: seenVersion, by }]
}
