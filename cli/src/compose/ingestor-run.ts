import { assert, type Membership } from '@silt/core'
import { parseStartFrom, runIngestor, defaultIngestorOptions } from '@silt/ingestor'
import { OnDemandReader } from '@silt/parquet/reader'
import { KafkaMembership, StaticMembership } from '@silt/source'
import { kafkaConnection } from './open-source.ts'
import { tracing, type ProcessParts } from './process-parts.ts'

const topicPollMs = 1000

/** Settings into an ingestor that runs until its signal aborts, or until idle. */
export function ingestorRun(parts: ProcessParts, untilIdle: boolean): (signal: AbortSignal) => Promise<void> {
  const { settings, table, source, queues, terminal, metrics, health } = parts
  const log = parts.log.child({ actor: 'ingestor', table: table.label })
  const [writeQueue] = queues.write
  assert(writeQueue !== undefined, 'there is a write queue')
  return (signal) =>
    runIngestor(
      {
        source,
        membership: openMembership(parts),
        store: table.store,
        parquetReader: new OnDemandReader(),
        writeQueue,
        commitQueues: queues.commit,
        clock: terminal.clock,
        log,
        metrics,
        ...tracing(parts),
        onReady: (note) => health.ready('ingestor', note),
        onWaiting: (why) => health.waiting('ingestor', why),
      },
      {
        ...defaultIngestorOptions,
        table: table.label,
        topic: settings.KAFKA_TOPIC,
        startFrom: parseStartFrom(settings.START_FROM),
        untilIdle,
        batchSize: settings.BATCH_SIZE,
        batchTimeoutMs: settings.BATCH_TIMEOUT_SECONDS * 1000,
        unitMaxOffsets: settings.UNIT_MAX_OFFSETS,
        unitBytesMax: settings.UNIT_BYTES_MAX,
        unitsInFlightMax: settings.UNITS_IN_FLIGHT_MAX,
        uncommittedOffsetsMax: settings.UNCOMMITTED_OFFSETS_MAX,
        uncommittedBytesMax: settings.UNCOMMITTED_BYTES_MAX,
        commitIntervalMinMs: settings.COMMIT_INTERVAL_MIN_MS,
        endPollMs: settings.END_POLL_MS,
        txnRefreshMs: settings.TXN_REFRESH_MS,
        replanAfterMs: settings.REPLAN_AFTER_MS,
        shutdownDeadlineMs: settings.SHUTDOWN_DEADLINE_MS,
      },
      signal,
    )
}

function openMembership({ settings, source, terminal, log }: ProcessParts): Membership {
  const { clock } = terminal
  const kafka = kafkaConnection(settings, { ...terminal, log })
  if (kafka === undefined)
    return new StaticMembership({ source, topic: settings.KAFKA_TOPIC, pollMs: topicPollMs, clock })
  return new KafkaMembership({
    ...kafka,
    topic: settings.KAFKA_TOPIC,
    groupId: settings.KAFKA_GROUP_ID,
    ...(settings.KAFKA_GROUP_INSTANCE_ID === undefined ? {} : { groupInstanceId: settings.KAFKA_GROUP_INSTANCE_ID }),
    sessionTimeoutMs: settings.KAFKA_SESSION_TIMEOUT_MS,
    clock,
    random: terminal.random,
  })
}
