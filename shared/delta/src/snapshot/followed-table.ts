import { SiltError, type Clock, type ObjectStore, type ParquetReader } from '@silt/core'
import { followLog } from '../log/tail.ts'
import { requireSameTable, requireWritable } from '../protocol/negotiation.ts'
import { loadState } from './load-state.ts'
import type { TableState } from './table-state.ts'

/** After this long without a look at the log it is read from the newest checkpoint: the versions after ours may have been cleaned away. */
const reloadAfterMs = 600_000
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
 * Follows the table at the root of `store`. Its age is the longer of what two clocks say: the wall clock goes on while the machine sleeps,
 * the steady one while the wall clock is set back; others may clean the log all the while.
 */
export function followedTable(deps: {
  readonly store: ObjectStore
  readonly parquetReader: ParquetReader
  /** Any origin, never set: `readMs` is of it. */
  readonly steadyNowMs: () => number
  readonly clock: Pick<Clock, 'nowMs'>
}): FollowedTable {
  const { store, parquetReader } = deps
  let state: TableState | undefined
  let readMs = 0
  let readWallMs = 0
  return {
    get state() {
      return state
    },
    get readMs() {
      return readMs
    },
    async refresh() {
      const [startMs, startWallMs] = [deps.steadyNowMs(), deps.clock.nowMs()]
      const isOld = Math.max(startMs - readMs, startWallMs - readWallMs) > reloadAfterMs
      const found =
        state === undefined || isOld ? await loadState(store, parquetReader) : await followToEnd(store, state)
      if (found === undefined && state === undefined) return
      if (found === undefined) throw tableGone(store)
      if (state !== undefined) requireSameTable(found, state.metadata.id)
      requireWritable(found)
      state = found
      readMs = startMs
      readWallMs = startWallMs
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
