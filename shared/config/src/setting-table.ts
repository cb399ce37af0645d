import { collectorSettings, consoleSettings } from './http-settings.ts'
import { kafkaSecuritySettings, redisSecuritySettings } from './security-settings.ts'
import { anyText, decimal, flag, GiB, KiB, MiB, oneOf, port, setting, text, whole } from './setting-definition.ts'

/** Every setting, by the name of its environment variable. `X` may be given as `X_FILE`, a path to a file holding the value. */
export const settingTable = Object.freeze({
  KAFKA_BOOTSTRAP_SERVERS: setting(
    text(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'must be host:port, several separated by commas'),
    undefined,
    'Kafka brokers. Unset: events are read from files below TOPICS_DIR.',
  ),
  KAFKA_TOPIC: setting(
    text(/^[A-Za-z0-9._-]{1,249}$/, 'must be a Kafka topic name: 1-249 of A-Z a-z 0-9 . _ -'),
    'analytics-events',
    'Topic to settle.',
  ),
  KAFKA_GROUP_ID: setting(
    anyText,
    undefined,
    'Consumer group of the ingestors, one a table. Default: `silt-<topic>`; a second table of a topic needs another.',
  ),
  KAFKA_GROUP_INSTANCE_ID: setting(
    anyText,
    undefined,
    'Static membership id of this ingestor; must differ between replicas.',
  ),
  KAFKA_SESSION_TIMEOUT_MS: setting(
    whole(1000, 300_000),
    '6000',
    'After this silence an ingestor loses its partitions.',
    { unit: 'ms' },
  ),
  ...kafkaSecuritySettings,
  KAFKA_ISOLATION_LEVEL: setting(
    oneOf('read_committed', 'read_uncommitted'),
    'read_committed',
    'Whether records of open or aborted transactions are read.',
  ),
  START_FROM: setting(
    text(
      /^(earliest|latest|\d{4}-\d{2}-\d{2}(T\d{2}:\d{2}(:\d{2}(\.\d{1,3})?)?(Z|[+-]\d{2}:\d{2}))?|\d+:\d+(,\d+:\d+)*)$/,
      'must be earliest, latest, an ISO time with zone, or partition:offset pairs separated by commas',
    ),
    'earliest',
    'Where a partition begins that the table has never seen.',
  ),
  TOPICS_DIR: setting(
    anyText,
    'data/topics',
    'Folder of `<topic>/<partition>.ndjson` files, read when there is no Kafka.',
  ),
  DELTA_TABLE_PATH: setting(
    anyText,
    undefined,
    'The table: `s3://bucket/prefix` or a folder. Default: `s3://analytics/delta/analytics-events` with Kafka, else `data/delta/analytics-events`.',
  ),
  AWS_ENDPOINT_URL: setting(
    text(/^https?:\/\/\S+$/, 'must be an http(s) URL'),
    undefined,
    'S3 endpoint of MinIO or another store. Unset: AWS.',
  ),
  // It names who signs, as a user name does: hidden, a store's user `writer` would take that word out of every log line.
  AWS_ACCESS_KEY_ID: setting(anyText, undefined, 'Access key. Unset: the AWS credential chain.'),
  AWS_SECRET_ACCESS_KEY: setting(anyText, undefined, 'Secret of the access key.', { secret: true }),
  AWS_SESSION_TOKEN: setting(anyText, undefined, 'Session token of temporary credentials.', { secret: true }),
  AWS_REGION: setting(anyText, 'us-east-1', 'Region of the bucket.'),
  AWS_ALLOW_HTTP: setting(flag, 'false', 'Allow an AWS_ENDPOINT_URL without TLS.'),
  AWS_CA_BUNDLE: setting(
    anyText,
    undefined,
    'File of the authorities (PEM) that AWS_ENDPOINT_URL is trusted by, instead of the usual ones.',
  ),
  COMMIT_READ_BACK: setting(
    oneOf('auto', 'on', 'off'),
    'auto',
    'Read each commit back before it counts. auto: on wherever AWS_ENDPOINT_URL is set.',
  ),
  REDIS_URL: setting(
    text(/^rediss?:\/\/\S+$/, 'must be a redis:// or rediss:// URL'),
    undefined,
    'Queues between processes; tables whose paths end alike need a Redis database each. Unset: all actors run in one process.',
    { secret: true },
  ),
  ...redisSecuritySettings,
  BATCH_SIZE: setting(whole(1, 10_000_000), '100', 'This many waiting records make a unit due.', { unit: 'records' }),
  BATCH_TIMEOUT_SECONDS: setting(
    decimal(0.05, 3600),
    '10',
    'A record waits at most this long before its unit is due.',
    { unit: 's' },
  ),
  UNIT_MAX_OFFSETS: setting(whole(1, 10_000_000), '100000', 'Largest unit, over all its ranges.', { unit: 'offsets' }),
  UNIT_BYTES_MAX: setting(whole(64 * KiB, GiB), String(128 * MiB), 'Largest unit, decoded.', { unit: 'bytes' }),
  UNITS_IN_FLIGHT_MAX: setting(whole(1, 1000), '16', 'Uncommitted units of one ingestor.', { unit: 'units' }),
  UNCOMMITTED_OFFSETS_MAX: setting(
    whole(1, 1_000_000_000),
    '2000000',
    'Planned but uncommitted offsets of one ingestor.',
    { unit: 'offsets' },
  ),
  UNCOMMITTED_BYTES_MAX: setting(
    whole(MiB, 64 * GiB),
    String(GiB),
    'Planned but uncommitted bytes of one ingestor, estimated.',
    { unit: 'bytes' },
  ),
  COMMIT_JOBS_HELD_MAX: setting(whole(1, 10_000), '256', 'Commit jobs the active committer holds at once.', {
    unit: 'jobs',
  }),
  HELD_UNIT_DEADLINE_MS: setting(
    whole(1000, 3_600_000),
    '30000',
    'A unit that waits longer for its predecessor is dropped and planned again.',
    { unit: 'ms' },
  ),
  LEASE_MS: setting(whole(300, 600_000), '3000', 'After this silence a standby takes the committer role.', {
    unit: 'ms',
  }),
  END_POLL_MS: setting(whole(10, 60_000), '200', 'How often ends of partitions are asked for.', { unit: 'ms' }),
  COMMIT_INTERVAL_MIN_MS: setting(whole(0, 600_000), '1000', 'Least time between versions made of small units.', {
    unit: 'ms',
  }),
  TXN_REFRESH_MS: setting(
    whole(100, 600_000),
    '2000',
    'How often progress is read from the log while anything is uncommitted.',
    { unit: 'ms' },
  ),
  REPLAN_AFTER_MS: setting(
    whole(500, 600_000),
    '8000',
    'An unmoved partition is planned again after this, doubling to 60000.',
    { unit: 'ms' },
  ),
  WRITER_THREADS: setting(whole(1, 256), undefined, 'Encoding threads of a writer. Default: the number of cores.', {
    unit: 'threads',
  }),
  WRITER_UNITS_AT_ONCE: setting(
    whole(1, 256),
    undefined,
    'Units a writer works on at once. Default: WRITER_THREADS and one, so that fetching overlaps encoding; more hides a slow store.',
    { unit: 'units' },
  ),
  RECORD_BYTES_MAX: setting(
    whole(1, 512 * MiB),
    String(16 * MiB),
    'A larger value becomes a dead letter without its bytes.',
    { unit: 'bytes' },
  ),
  CRASH_PAUSE_MAX_MS: setting(
    whole(0, 600_000),
    '30000',
    'Longest pause before a record that ended its decoder is decoded again; a 120th and a 6th of it come before. Short only for tests.',
    { unit: 'ms' },
  ),
  SCHEMA_EVOLUTION: setting(oneOf('add', 'rescue', 'fail'), 'add', 'What happens to fields without a column.'),
  MAX_COLUMNS: setting(whole(30, 10_000), '200', 'No column is added beyond this many.', { unit: 'columns' }),
  PARTITION_BY: setting(oneOf('event_date'), undefined, 'Partition column of a table Silt creates.'),
  ...collectorSettings,
  ...consoleSettings,
  SHUTDOWN_DEADLINE_MS: setting(whole(100, 600_000), '20000', 'After SIGTERM, running work may take this long.', {
    unit: 'ms',
  }),
  OPS_PORT: setting(port, '9464', 'Health and metrics of this process; 0 = any free port.'),
  OPS_HOST: setting(anyText, '127.0.0.1', 'Address OPS_PORT listens on.'),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    text(/^https?:\/\/[^\s]+$/, 'must be an http:// or https:// URL'),
    undefined,
    'Collector of OpenTelemetry traces (OTLP over HTTP); unset: nothing is traced, nothing of it is loaded.',
  ),
  OTEL_EXPORTER_OTLP_HEADERS: setting(anyText, undefined, 'Headers for it: `name=value,name=value`.', { secret: true }),
  OPERATOR_NAME: setting(
    text(/^[^\p{Cc}]{1,200}$/u, 'must be 1-200 characters on one line'),
    undefined,
    'Who decisions made by silt commands are recorded under. Default: the user of the machine.',
  ),
  LOG_LEVEL: setting(oneOf('debug', 'info', 'warn', 'error', 'silent'), 'info', 'Least level that is logged.'),
})

export type SettingName = keyof typeof settingTable
