import { pauseOf, pausingTxns } from '@silt/contracts'
import type { TableState } from '@silt/delta'
import type { DecidedChange } from './commit-decision.ts'

/**
 * Pauses a table from the next version on: no commit of events can follow it, as each is built on the newest version. Undefined where it is
 * paused already.
 */
export function pause(
  reason: string,
  by: string,
  nowMs: () => number,
): (state: TableState) => Promise<DecidedChange | undefined> {
  return (state) => Promise.resolve(pausedBy(state, reason, by, nowMs()))
}

function pausedBy(state: TableState, reason: string, by: string, nowMs: number): DecidedChange | undefined {
  if (pauseOf(state.txns) !== undefined) return undefined
  const txns = pausingTxns(state.txns, state.version + 1, nowMs)
  return {
    operation: 'SILT PAUSE TABLE',
    decisions: [{ kind: 'pause', reason, by }],
    actions: [...txns].map(([appId, version]) => ({ txn: { appId, version } })),
  }
}
