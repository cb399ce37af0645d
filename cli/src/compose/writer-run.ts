import { availableParallelism } from 'node:os'
import { assert } from '@silt/core'
import { OnDemandReader } from '@silt/parquet/reader'
import { defaultWriterOptions, ProcessEncoder, runWriter, ThreadUnitRunner, type WriterQueues } from '@silt/writer'
import { kafkaAddress, kafkaConnection } from './open-source.ts'
import { tracing, type ProcessParts } from './process-parts.ts'
import { threadSourcePlan } from './thread-source.ts'
import { unitThreadsMetrics } from './unit-threads-metrics.ts'

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
          parquetReader: new OnDemandReader(),
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
