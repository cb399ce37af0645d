import { availableParallelism } from 'node:os'
import { assert, type Membership } from '@silt/core'
import { runCommitter, type Readiness } from '@silt/committer'
import { parseStartFrom, runIngestor, defaultIngestorOptions } from '@silt/ingestor'
import { HyparquetReader } from '@silt/parquet/reader'
import { KafkaMembership, StaticMembership } from '@silt/source'
import { defaultWriterOptions, ProcessEncoder, runWriter, ThreadUnitRunner, type WriterQueues } from '@silt/writer'
import { committerOptions, openCheckpointer } from './committer-parts.ts'
import { kafkaAddress, kafkaConnection } from './open-source.ts'
import type { ProcessParts } from './process-parts.ts'
import { threadSourcePlan } from './thread-source.ts'
import { unitThreadsMetrics } from './unit-threads-metrics.ts'

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
        parquetReader: new HyparquetReader(),
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

/** Settings into a writer with its unit threads, and a process apart for units over which one of them died. */
export function writerRun(parts: ProcessParts): (signal: AbortSignal) => Promise<void> {
  const { settings, table, source, queues, terminal, metrics, health } = parts
  const threads = settings.WRITER_THREADS ?? availableParallelism()
  const byVersion = queues.write.map((write, index): WriterQueues => {
    const commit = queues.commit[index]
    assert(commit !== undefined, 'every write queue has a commit queue of its version')
    return { write, commit }
  })
  const security = kafkaConnection(settings, { ...terminal, log: parts.log })?.security
  return async (signal) => {
    const unitRunner = new ThreadUnitRunner({
      threads,
      module: new URL('./unit-thread.ts', import.meta.url),
      workerData: threadSourcePlan(settings, kafkaAddress(settings)),
      watch: unitThreadsMetrics(metrics, table.label),
      ...(security === undefined ? {} : { security }),
    })
    const nodeOptions = terminal.environment['NODE_OPTIONS']
    const encoderApart = new ProcessEncoder({
      clock: terminal.clock,
      environment: nodeOptions === undefined ? {} : { NODE_OPTIONS: nodeOptions },
    })
    try {
      await runWriter(
        {
          source,
          store: table.store,
          deadLetterStore: table.deadLetterStore,
          parquetReader: new HyparquetReader(),
          unitRunner,
          encoderApart,
          queues: byVersion,
          clock: terminal.clock,
          random: terminal.random,
          log: parts.log.child({ actor: 'writer', table: table.label }),
          metrics,
          ...tracing(parts),
          onReady: (note) => health.ready('writer', note),
          onWaiting: (why) => health.waiting('writer', why),
        },
        {
          ...defaultWriterOptions,
          table: table.label,
          threads,
          unitsAtOnce: settings.WRITER_UNITS_AT_ONCE ?? threads + 1,
          unitBytesMax: settings.UNIT_BYTES_MAX,
          schemaEvolution: settings.SCHEMA_EVOLUTION,
          columnsMax: settings.MAX_COLUMNS,
          recordBytesMax: settings.RECORD_BYTES_MAX,
          crashPauseMsMax: settings.CRASH_PAUSE_MAX_MS,
          shutdownDeadlineMs: settings.SHUTDOWN_DEADLINE_MS,
        },
        signal,
      )
    } finally {
      await Promise.all([unitRunner.close(), encoderApart.close()])
    }
  }
}

/**
 * Settings into a committer; standing by counts as ready. With `untilIdle` a table that only an operator can release ends it, with that error:
 * what is to be waited for would never come.
 */
export function committerRun(parts: ProcessParts, untilIdle: boolean): (signal: AbortSignal) => Promise<void> {
  const { settings, table, queues, terminal, metrics, health } = parts
  const log = parts.log.child({ actor: 'committer', table: table.label })
  return async (signal) => {
    const checkpointer = openCheckpointer(settings, terminal)
    const held = new AbortController()
    const onReadiness = ({ ready, detail, error }: Readiness): void => {
      if (ready) health.ready('committer', detail)
      else health.waiting('committer', detail)
      // What is denied now may be permitted again, as for the other actors.
      if (untilIdle && error !== undefined && error.kind !== 'invalid') held.abort(error)
    }
    try {
      await runCommitter(
        {
          store: table.store,
          deadLetterStore: table.deadLetterStore,
          queues: queues.commit,
          lease: queues.lease,
          parquetReader: new HyparquetReader(),
          checkpointer,
          clock: terminal.clock,
          random: terminal.random,
          log,
          metrics,
          ...tracing(parts),
          onReadiness,
        },
        committerOptions(settings, table.label),
        AbortSignal.any([signal, held.signal]),
      )
      held.signal.throwIfAborted()
    } finally {
      await checkpointer.close()
    }
  }
}

function tracing({ traces }: ProcessParts): Pick<ProcessParts, 'traces'> {
  return traces === undefined ? {} : { traces }
}
