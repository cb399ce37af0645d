import { msSince, SiltError, type Clock, type Moment, type ObjectStore, type ParquetReader } from '@silt/core'
import { lookBegan } from '../log/look-began.ts'
import { followLog, proveNewest } from '../log/tail.ts'
import type { RowRuleJudge } from '../protocol/features.ts'
import { requireSameTable, requireWritable } from '../protocol/negotiation.ts'
import { loadState } from './load-state.ts'
import type { TableState } from './table-state.ts'

/** After this long without a look at the log the version after ours may have been cleaned away: that there is none proves nothing by itself. */
const provedMsMax = 60_000
const followEntriesMax = 1000

/** One table as its log says, followed by one reader. */
export interface FollowedTable {
  /** Newest state read; undefined while there is no table. */
  readonly state: TableState | undefined
  /** When `state` was last known to be the newest, steady ms: the start of the read that said so. */
  readonly readMs: number
  /**
   * Reads on to the newest version. Errors: those of the store and the log; `delta/table-replaced` (unsupported) when the table is gone or
   * another stands in its place, `delta/unsupported-feature` (unsupported). One call at a time.
   */
  refresh(): Promise<void>
}

/**
 * Follows the table at the root of `store`. Its age is by every clock (`Moment`): others may clean the log while the machine sleeps.
 */
export function followedTable(deps: {
  readonly store: ObjectStore
  readonly parquetReader: ParquetReader
  /** Any origin, never set: `readMs` is of it. */
  readonly steadyNowMs: () => number
  readonly clock: Pick<Clock, 'nowMs'>
  /** As `requireWritable`. */
  readonly judge?: RowRuleJudge
}): FollowedTable {
  const { store, parquetReader } = deps
  let state: TableState | undefined
  let read: Moment | undefined
  const clocks = { monotonicMs: deps.steadyNowMs, nowMs: () => deps.clock.nowMs() }
  const isOld = (): boolean => read === undefined || msSince(read, clocks, store) > provedMsMax
  const readOn = async (from: TableState): Promise<TableState | undefined> => {
    const followed = isOld() ? undefined : await followToEnd(store, from)
    // The answer can tell that the machine was halted for long, which its own clocks did not.
    if (followed !== undefined && !isOld()) return followed
    const proof = await proveNewest(store, from)
    if (proof === 'newest') return from
    return proof === 'reload' ? loadState(store, parquetReader) : proof.state
  }
  return {
    get state() {
      return state
    },
    get readMs() {
      return read?.steadyMs ?? 0
    },
    async refresh() {
      const began = await lookBegan(store, clocks)
      const found = state === undefined ? await loadState(store, parquetReader) : await readOn(state)
      if (found === undefined && state === undefined) return
      if (found === undefined) throw tableGone(store)
      if (state !== undefined) requireSameTable(found, state.metadata.id)
      // Nothing else decides it.
      if (found.protocol !== state?.protocol || found.metadata !== state.metadata) requireWritable(found, deps.judge)
      state = found
      read = began
    },
  }
}

async function followToEnd(store: ObjectStore, from: TableState): Promise<TableState> {
  let state = from
  for (;;) {
    const followed = await followLog(store, state, { limit: followEntriesMax })
    state = followed.state
    if (followed.entries.length < followEntriesMax) return state
  }
}

function tableGone(store: ObjectStore): SiltError {
  return new SiltError(
    'unsupported',
    'delta/table-replaced',
    `the table at ${store.location} (DELTA_TABLE_PATH) is gone`,
  )
}
