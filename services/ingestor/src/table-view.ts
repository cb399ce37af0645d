import { progressOf, type PartitionProgress } from '@silt/contracts'
import { SiltError, type Clock, type ObjectStore, type ParquetReader } from '@silt/core'
import { followLog, loadState, requireSameTable, requireWritable, type TableState } from '@silt/delta'

/** After this long without a look at the log it is read from the newest checkpoint: the versions after ours may have been cleaned away. */
const reloadAfterMs = 600_000
const followEntriesMax = 1000

/** The table as its log says, followed by one reader (the truth of planning, I1). */
export interface TableView {
  /** Newest state read; undefined while there is no table. */
  readonly state: TableState | undefined
  /** When `state` was last known to be the newest, ms of `clock`: the start of the read that said so. */
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
  /** Goes on while the machine sleeps, when others may clean the log. */
  readonly wallClock: Clock
}): TableView {
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
      const [startMs, startWallMs] = [deps.clock.nowMs(), deps.wallClock.nowMs()]
      const ageMs = Math.max(startMs - readMs, startWallMs - readWallMs)
      const found =
        state === undefined || ageMs > reloadAfterMs
          ? await loadState(deps.store, deps.parquetReader)
          : await followToEnd(deps.store, state)
      if (found === undefined && state === undefined) return
      if (found === undefined) throw tableGone(deps.store)
      if (state !== undefined) requireSameTable(found, state.metadata.id)
      requireWritable(found)
      state = found
      readMs = startMs
      readWallMs = startWallMs
    },
  }
}

/** Progress of `topic`, in no particular order. */
export function topicProgress(view: TableView, topic: string): readonly PartitionProgress[] {
  return view.state === undefined ? [] : progressOf(view.state.txns, topic)
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
