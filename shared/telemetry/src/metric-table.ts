/** A metric as documented and exported. Names start with `silt_`; units come last. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  /** Upper bounds, histograms only. */
  readonly buckets?: readonly number[]
}

const secondsBuckets = Object.freeze([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300])

const counter = (help: string, ...labels: string[]): MetricDefinition => ({ type: 'counter', help, labels })
const gauge = (help: string, ...labels: string[]): MetricDefinition => ({ type: 'gauge', help, labels })
const seconds = (help: string, ...labels: string[]): MetricDefinition => ({
  type: 'histogram',
  help,
  labels,
  buckets: secondsBuckets,
})

/** The one table of metric names. */
export const metricTable: Readonly<Record<string, MetricDefinition>> = Object.freeze({
  // ingestor
  silt_lag_offsets: gauge('Readable offsets not yet committed.', 'table', 'topic', 'partition'),
  silt_readable_end_offset: gauge('Readable end of the partition.', 'table', 'topic', 'partition'),
  silt_units_in_flight: gauge('Units cut and not yet committed.', 'table'),
  silt_units_cut_total: counter('Units cut.', 'table', 'kind'),
  silt_replans_total: counter('Units issued again because their partition did not move.', 'table'),
  silt_partition_stopped: gauge(
    '1 while the partition is stopped for an operator.',
    'table',
    'topic',
    'partition',
    'code',
  ),
  silt_partitions_owned: gauge('Partitions this ingestor plans for.', 'table'),
  // writer
  silt_units_written_total: counter('Units written and handed to the committer.', 'table'),
  silt_units_dropped_total: counter('Write jobs dropped before fetching.', 'table', 'reason'),
  silt_events_read_total: counter('Records read from the source.', 'table'),
  silt_bytes_read_total: counter('Decoded record bytes read from the source.', 'table'),
  silt_rows_written_total: counter('Rows written to data files, committed or not.', 'table'),
  silt_dead_letters_written_total: counter('Dead letters written, committed or not.', 'table'),
  silt_file_bytes_written_total: counter('Bytes of files put.', 'table'),
  silt_unit_seconds: seconds('From taking a write job to handing it to the committer.', 'table'),
  silt_put_seconds: seconds('Time to put one file.', 'table'),
  // committer
  silt_commits_total: counter('Versions committed.', 'table'),
  silt_commit_seconds: seconds('From building a commit to its outcome.', 'table'),
  silt_commit_conflicts_total: counter('Commits lost to another writer and rebased.', 'table'),
  silt_commit_unknown_total: counter('Commits whose outcome had to be read from the log.', 'table'),
  silt_commit_units_held: gauge('Units waiting for a predecessor or a slot.', 'table'),
  silt_commit_jobs_dropped_total: counter('Commit jobs not applied.', 'table', 'reason'),
  silt_rows_committed_total: counter('Rows committed.', 'table'),
  silt_dead_letters_committed_total: counter('Dead letters committed.', 'table'),
  silt_files_committed_total: counter('Files committed.', 'table'),
  silt_bytes_committed_total: counter('Bytes of files committed.', 'table'),
  silt_table_version: gauge('Newest version of the table this process knows.', 'table'),
  silt_freshness_seconds: seconds('From cutting a unit to its durable commit.', 'table'),
  silt_last_commit_timestamp_seconds: gauge('Wall time of the last commit, since the Unix epoch.', 'table'),
  silt_committer_active: gauge('1 while this process holds the committer lease.', 'table'),
  silt_table_parked: gauge('1 while the table waits for an operator.', 'table'),
  silt_foreign_commits_total: counter('Commits by other engines.', 'table', 'kind'),
  silt_checkpoint_seconds: seconds('Time to write a checkpoint.', 'table'),
  silt_checkpoint_failures_total: counter('Checkpoints that failed and are tried again.', 'table'),
  // every actor
  silt_errors_total: counter('Errors met, by what they ask for.', 'table', 'actor', 'kind', 'code'),
  silt_ready: gauge('1 while the actor is ready.', 'actor'),
})
