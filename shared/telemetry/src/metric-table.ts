/** Whose processes report a metric. `process`: every one, whatever actors run in it. */
export type Reporter = 'ingestor' | 'writer' | 'committer' | 'collector' | 'console' | 'process'

/** A metric as documented and exported. Names start with `silt_`; units come last. */
export interface MetricDefinition {
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly labels: readonly string[]
  readonly reporter: Reporter
  /** Upper bounds, histograms only. */
  readonly buckets?: readonly number[]
  /** Labels whose values are all known: with `table` they make the series that exist, as 0, from the start. */
  readonly values?: Readonly<Record<string, readonly string[]>>
}

const secondsBuckets = Object.freeze([0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300])

type Unreported = Omit<MetricDefinition, 'reporter'>

const counter = (help: string, ...labels: string[]): Unreported => ({ type: 'counter', help, labels })
const gauge = (help: string, ...labels: string[]): Unreported => ({ type: 'gauge', help, labels })
const seconds = (help: string, ...labels: string[]): Unreported => ({
  type: 'histogram',
  help,
  labels,
  buckets: secondsBuckets,
})

const ingestor: Readonly<Record<string, Unreported>> = {
  silt_lag_offsets: gauge('Readable offsets not yet committed.', 'table', 'topic', 'partition'),
  silt_backlog_seconds: gauge(
    'How long the oldest uncommitted offset has been readable, as far back as this process has watched; 0 without lag.',
    'table',
    'topic',
    'partition',
  ),
  silt_readable_end_offset: gauge('Readable end of the partition.', 'table', 'topic', 'partition'),
  silt_committed_offset: gauge('Next offset to be committed: `txn` of the table.', 'table', 'topic', 'partition'),
  silt_log_start_offset: gauge('First offset the source still holds.', 'table', 'topic', 'partition'),
  silt_offsets_readable_total: counter('Offsets that became readable while this ingestor watched.', 'table'),
  silt_open_transaction_offsets: gauge(
    'Offsets written but not readable, behind the oldest open transaction; 0 for sources without transactions.',
    'table',
    'topic',
    'partition',
  ),
  silt_last_stable_offset_stuck_seconds: gauge(
    'How long the last stable offset has stood still below the high watermark; 0 while it moves or nothing is open.',
    'table',
    'topic',
    'partition',
  ),
  silt_units_in_flight: gauge('Units cut and not yet committed.', 'table'),
  silt_units_cut_total: {
    ...counter('Units cut.', 'table', 'kind'),
    values: { kind: ['full', 'small', 'rest'] },
  },
  silt_replans_total: counter('Units issued again because their partition did not move.', 'table'),
  silt_partition_stopped: gauge(
    '1 while the partition is stopped for an operator.',
    'table',
    'topic',
    'partition',
    'code',
  ),
  silt_deadly_offsets: gauge(
    'Uncommitted offsets over which a decoder died: cut smaller until the record at fault is alone.',
    'table',
  ),
  silt_partitions_owned: gauge('Partitions this ingestor plans for.', 'table'),
}

const writer: Readonly<Record<string, Unreported>> = {
  silt_units_written_total: counter('Units written and handed to the committer.', 'table'),
  silt_units_dropped_total: counter('Write jobs dropped before fetching.', 'table', 'reason'),
  silt_decoder_deaths_total: counter('Decoders that died over a unit (thread, process or trap).', 'table'),
  silt_records_condemned_total: counter(
    'Records that killed their decoder each time, written as dead letters `crashes-decoder`; committed or not.',
    'table',
  ),
  silt_units_running: gauge('Write jobs in hand.', 'table'),
  silt_writer_threads: gauge('Encoding threads this writer may use (WRITER_THREADS).', 'table'),
  silt_writer_row_by_row: gauge(
    '1 while the table has rules of rows or partition columns by which records are decoded one by one, at several times the CPU.',
    'table',
  ),
  silt_encode_threads_busy: gauge('Encoding threads that have a unit.', 'table'),
  silt_encode_threads_replaced_total: counter(
    'Encoding threads that died, or let go of their memory because it had grown or the data plane trapped.',
    'table',
  ),
  silt_plane_touched_bytes: gauge(
    'Memory the data plane of an encoding thread keeps, of the thread that keeps most.',
    'table',
  ),
  silt_events_read_total: counter('Records read from the source.', 'table'),
  silt_bytes_read_total: counter('Decoded record bytes read from the source.', 'table'),
  silt_rows_written_total: counter('Rows written to data files, committed or not.', 'table'),
  silt_dead_letters_written_total: counter('Dead letters written, committed or not.', 'table'),
  silt_file_bytes_written_total: counter('Bytes of files put.', 'table'),
  silt_unit_seconds: seconds('From taking a write job to handing it to the committer.', 'table'),
  silt_put_seconds: seconds('Time to put one file.', 'table'),
}

const committer: Readonly<Record<string, Unreported>> = {
  silt_commits_total: counter('Versions committed.', 'table'),
  silt_commit_seconds: seconds('From building a commit to its outcome.', 'table'),
  silt_commit_conflicts_total: counter('Commits lost to another writer and rebased.', 'table'),
  silt_commit_unknown_total: counter('Commits whose outcome had to be read from the log.', 'table'),
  silt_commit_units_held: gauge('Units waiting for a predecessor or a slot.', 'table'),
  silt_commit_jobs_dropped_total: {
    ...counter('Commit jobs not applied.', 'table', 'reason'),
    values: {
      reason: [
        'duplicate',
        'behind',
        'schema',
        'too-old',
        'partitioning',
        'deadline',
        'too-large',
        'table-stopped',
        'malformed',
      ],
    },
  },
  silt_rows_committed_total: counter('Rows committed.', 'table'),
  silt_dead_letters_committed_total: counter('Dead letters committed.', 'table'),
  silt_files_committed_total: counter('Files committed.', 'table'),
  silt_bytes_committed_total: counter('Bytes of files committed.', 'table'),
  silt_table_version: gauge('Newest version of the table this process knows.', 'table'),
  silt_checkpoint_version: gauge('Version of the newest checkpoint this process knows; 0 before the first.', 'table'),
  silt_table_files: gauge('Live data files, counted at the newest checkpoint or start of this committer.', 'table'),
  silt_table_bytes: gauge('Bytes of the live data files, counted with them.', 'table'),
  silt_table_removed_bytes: gauge(
    'Bytes of files that the log lists as removed and vacuum may free, counted with them.',
    'table',
  ),
  silt_freshness_seconds: seconds('From cutting a unit to its durable commit.', 'table'),
  silt_last_commit_timestamp_seconds: gauge(
    'Wall time of the last commit of this process, since the Unix epoch.',
    'table',
  ),
  silt_committer_active: gauge('1 while this process holds the committer lease.', 'table'),
  silt_table_parked: gauge('1 while the table waits for an operator.', 'table'),
  silt_foreign_commits_total: counter('Commits by other engines.', 'table', 'kind'),
  silt_checkpoint_seconds: seconds('Time to write a checkpoint.', 'table'),
  silt_checkpoint_failures_total: counter('Checkpoints that failed and are tried again.', 'table'),
}

const collector: Readonly<Record<string, Unreported>> = {
  silt_collector_requests_total: counter('Requests answered.', 'status'),
  silt_collector_refused_total: counter('Requests not taken, or not all of their events durable, by why.', 'code'),
  silt_collector_events_total: counter('Events answered as durable.', 'topic'),
  silt_collector_in_flight_bytes: gauge('Bodies held until their events are durable.'),
  silt_collector_request_seconds: seconds('From the headers of a request to its answer.'),
  silt_collector_append_seconds: seconds(
    'From handing events to Kafka or the file until they were durable or given up.',
    'topic',
  ),
}

const console: Readonly<Record<string, Unreported>> = {
  silt_console_logins_total: {
    ...counter('Logins at the queue page.', 'outcome'),
    values: { outcome: ['reader', 'operator', 'refused'] },
  },
  silt_console_actions_total: counter("Operators' actions on queues.", 'action', 'outcome'),
  silt_console_queues: gauge('Queues the page shows.'),
}

const process: Readonly<Record<string, Unreported>> = {
  silt_table_paused: gauge(
    '1 while an operator has paused the table; by ingestors, writers and the active committer.',
    'table',
  ),
  silt_errors_total: counter('Errors met, by what they ask for.', 'table', 'actor', 'kind', 'code'),
  silt_ready: gauge('1 while the actor is ready; actor `queue`: the queue server answers.', 'actor'),
  silt_queue_jobs: gauge('Jobs in the queue, over its versions, as last asked (every 5 s).', 'table', 'queue', 'state'),
  silt_trace_spans_total: {
    ...counter('Spans sent to OTEL_EXPORTER_OTLP_ENDPOINT, or lost because it did not take them.', 'outcome'),
    values: { outcome: ['sent', 'lost'] },
  },
  silt_store_requests_total: {
    ...counter('Requests to the object store, tries again counted.', 'table', 'operation'),
    values: { operation: ['get', 'head', 'put', 'putIfAbsent', 'list'] },
  },
  silt_store_errors_total: counter('Requests to the object store that failed.', 'table', 'operation', 'code'),
}

/** The one table of metric names. */
export const metricTable: Readonly<Record<string, MetricDefinition>> = Object.freeze({
  ...reportedBy('ingestor', ingestor),
  ...reportedBy('writer', writer),
  ...reportedBy('committer', committer),
  ...reportedBy('collector', collector),
  ...reportedBy('console', console),
  ...reportedBy('process', process),
})

function reportedBy(
  reporter: Reporter,
  definitions: Readonly<Record<string, Unreported>>,
): Readonly<Record<string, MetricDefinition>> {
  return Object.fromEntries(
    Object.entries(definitions).map(([name, definition]) => [name, Object.freeze({ ...definition, reporter })]),
  )
}
