/** A record by its place: partition and offset. */
export type RecordPlace = readonly [partition: number, offset: number]

/** What a configuration of the commit model may do; everything not allowed here does not happen in it. */
export interface CommitBounds {
  readonly name: string
  /** Records of each partition. */
  readonly records: readonly number[]
  /** Whether both partitions have begun; otherwise their starts are commit jobs too, at offset 0 or, of an ingestor that asked later, at 1 (I3a). */
  readonly begun: boolean
  /** Units over several partitions. */
  readonly shared: boolean
  readonly committers: 1 | 2
  /** Records of which one run makes a row and another a dead letter. */
  readonly unclear: readonly RecordPlace[]
  /** PUTs under way whose answer nobody has. */
  readonly lateMax: number
  /** How often more than an hour passes: no proof holds, old files may be vacuumed, old versions cleaned up. */
  readonly hoursMax: 0 | 1
  /** Commits of another engine. */
  readonly foreignMax: number
  /** Schemas that files are written with: `plain`, and those with one more column, as a number or as text. */
  readonly schemas: readonly SchemaName[]
  /** Topic ids: a second one is that of a topic deleted and made again. */
  readonly topicIds: readonly string[]
  readonly liveness: boolean
}

export type SchemaName = 'plain' | 'number' | 'text'

/** Broken rules of the model's own glue, where the product's rule lies in code that awaits. */
export type GlueFault =
  | 'unknown-taken-as-committed'
  | 'blind-re-put'
  | 'files-deleted-after-unknown'
  | 'base-not-proved-fresh'
  | 'conflict-without-reading'
  | 'topic-unchecked-by-writer'

/** What a configuration of the ingest model may do. */
export interface IngestBounds {
  readonly name: string
  /** Records that arrive in each partition. */
  readonly records: readonly number[]
  /** Who owns which partitions, by ingestor; a rebalance goes from any to any other. */
  readonly assignments: readonly (readonly (readonly number[])[])[]
  /** Jobs the committer holds at once. */
  readonly heldMax: number
  /** A commit queue this long is not made longer by jobs that come twice. */
  readonly commitQueueMax: number
  /** Writers may return less than they were asked for. */
  readonly shortReturns: boolean
  /** Answers and notices reach the ingestors; otherwise all are lost, and the log is all they learn from. */
  readonly hints: boolean
  /** Ingestors may plan on an old reading of the log. */
  readonly plansUnread: boolean
}
