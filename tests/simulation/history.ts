/** What a schedule left behind, kept beside the stores so that no vacuum, clean-up or RESTORE can hide it. */
export interface History {
  /** Every `_delta_log/<version>.json` that came to be, in the order of landing. */
  readonly entries: readonly LandedEntry[]
  /** Every Parquet file ever put, by table and key. */
  readonly files: ReadonlyMap<string, Uint8Array>
  /** Data files deleted from a store, and by whom. */
  readonly deletions: readonly Deletion[]
  readonly truth: Truth
}

export type TableName = 'main' | 'dead-letters'

export interface LandedEntry {
  readonly table: TableName
  readonly version: number
  readonly body: Uint8Array
  /** Virtual ms. */
  readonly atMs: number
  /** The process whose request it was: `committer-1#2`, `spark`, `operator`. */
  readonly by: string
}

export interface Deletion {
  readonly table: TableName
  readonly key: string
  readonly by: string
  /** How many entries had landed by then. */
  readonly afterEntries: number
}

/** Key of `History.files`. */
export function fileKey(table: TableName, key: string): string {
  return `${table}/${key}`
}

/** What was produced: the answer the tables are held against. */
export interface Truth {
  readonly topic: string
  readonly logs: readonly TruthLog[]
}

/** One partition of one topic id. */
export interface TruthLog {
  readonly topicId: string
  readonly partition: number
  readonly records: readonly TruthRecord[]
  /** Offsets below were deleted by retention at some time: those not settled by then may be missing where an operator accepted the gap. */
  readonly logStart: number
  /** End of what may be read; records above are not demanded. */
  readonly readableEnd: number
  /** The topic was deleted or made again: nothing further is demanded of it. */
  readonly isGone: boolean
}

export interface TruthRecord {
  readonly offset: number
  /** `readable`: must settle once. `aborted`: must never. `compacted`: removed at some time, may have settled once before. */
  readonly fate: 'readable' | 'aborted' | 'compacted'
  /** What the row's `session_id` must be: unique over a run; undefined where the record must become a dead letter. */
  readonly sessionId: string | undefined
}

/** A broken promise: `name` is stable (what a shrink must reproduce), `detail` is for people. */
export interface Violation {
  readonly name: string
  readonly detail: string
}
