import { SiltError, type Clock, type ObjectStore, type ParquetReader } from '@silt/core'
import { followLog, loadState, requireSameTable, requireWritable, type TableState } from '@silt/delta'

/** After this long without a look at the log it is read from the newest checkpoint: the versions after ours may have been cleaned away. */
const reloadAfterMs = 600_000
const followEntriesMax = 1000

/** The table as its log says, followed by one reader (schema and progress of every job). */
export interface TableView {
  /** Newest state read; undefined while there is no table. */
  readonly state: TableState | undefined
  /** When `state` was last known to be the newest, wall ms: the start of the read that said so. */
  readonly readMs: number
  /**
   * Reads on to the newest version. Errors: those of the store and the log; `delta/table-replaced` (unsupported) when
   * another table stands in its place, `delta/unsupported-feature` (unsupported).
   */
  refresh(): Promise<void>
}

export function openTableView(deps: {
  readonly store: ObjectStore
  readonly parquetReader: ParquetReader
  readonly clock: Clock
}): TableView {
  let state: TableState | undefined
  let readMs = 0
  return {
    get state() {
      return state
    },
    get readMs() {
      return readMs
    },
    async refresh() {
      const startMs = deps.clock.nowMs()
      const found =
        state === undefined || startMs - readMs > reloadAfterMs
          ? await loadState(deps.store, deps.parquetReader)
          : await followToEnd(deps.store, state)
      if (found === undefined && state === undefined) return
      if (found === undefined) throw tableGone(deps.store)
      if (state !== undefined) requireSameTable(found, state.metadata.id)
      requireWritable(found)
      state = found
      readMs = startMs
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
