import {
  encodeWriteJob,
  eventDateField,
  eventTableSchema,
  jobVersion,
  parseCommitJob,
  parseWriteResult,
  partitionAppId,
  unitId,
  type UnitCommitJob,
  type UnitRange,
  type WriteJob,
  type WriteResult,
} from '@silt/contracts'
import {
  struct,
  systemClock,
  systemRandom,
  type Clock,
  type JobQueue,
  type Json,
  type ObjectStore,
  type Source,
  type UnitEncoder,
} from '@silt/core'
import { noMetrics, silentLog } from '@silt/core/testing'
import { commitEntry, commitInfo, newTableActions, type Action } from '@silt/delta'
import { MemoryStore } from '@silt/object-store'
import { HyparquetReader } from '@silt/parquet'
import { MemoryQueueProvider } from '@silt/queue'
import { MemorySource } from '@silt/source'
import { InlineEncoder } from '../../src/encode/inline-encoder.ts'
import { LocalUnitRunner } from '../../src/local-unit-runner.ts'
import type { UnitRunner } from '../../src/unit-runner.ts'
import { defaultWriterOptions, type WriterOptions } from '../../src/writer-options.ts'
import { runWriter } from '../../src/writer.ts'

export const topic = 'events'
const topicId = 'topic-id-1'
export const tableId = '00000000-0000-4000-8000-000000000001'

/** A table, a topic and queues in memory, with a writer between them; commit jobs are collected, not committed. */
export class Bench {
  readonly source = new MemorySource({ clock: systemClock, slabRecordsMax: 10 })
  readonly store = new MemoryStore({ clock: systemClock })
  readonly deadLetterStore = new MemoryStore({ clock: systemClock })
  readonly queues = new MemoryQueueProvider({ clock: systemClock })
  readonly write: JobQueue = this.queues.open('silt-t-write-v1')
  readonly commit: JobQueue = this.queues.open('silt-t-commit-v1')
  readonly commits: UnitCommitJob[] = []
  readonly results: { id: string; result: WriteResult }[] = []
  /** Set to stand between the writer and its ports. */
  through: {
    source?: Source
    store?: ObjectStore
    commit?: JobQueue
    encoder?: UnitEncoder
    encoderApart?: UnitEncoder
    unitRunner?: UnitRunner
    clock?: Clock
  } = {}
  options: Partial<WriterOptions> = {}
  readonly waiting: string[] = []
  /** Messages logged as errors. */
  readonly errors: string[] = []
  /** What readiness said besides. */
  readonly notes: string[] = []
  readonly gauges = new Map<string, number>()
  /** Names of counters, once for each time they counted. */
  readonly counts: string[] = []
  #version = 0
  readonly #stop = new AbortController()

  constructor(partitions = 2) {
    this.source.createTopic(topic, partitions, topicId)
    this.write.onResult((id, json) => this.results.push({ id, result: parseWriteResult(json) }))
  }

  async createTable(partitionColumns: readonly string[] = []): Promise<void> {
    const isPartitioned = partitionColumns.includes(eventDateField.name)
    const schema = isPartitioned ? struct([...eventTableSchema.fields, eventDateField]) : eventTableSchema
    const actions = newTableActions({ id: tableId, schema, partitionColumns, configuration: {}, createdMs: 1 })
    await this.commitActions([...actions, ...this.txns({ 0: 0, 1: 0 })])
  }

  txns(next: Readonly<Record<number, number>>): Action[] {
    return Object.entries(next).map(([partition, version]) => ({
      txn: { appId: partitionAppId('silt', { topic, topicId, partition: Number(partition), restart: 0 }), version },
    }))
  }

  async commitActions(actions: readonly Action[]): Promise<void> {
    const token = systemRandom.uuid()
    const info = commitInfo({ timestampMs: 1, operation: 'WRITE', engineInfo: 'test', token })
    const outcome = await commitEntry(this.store, {
      version: this.#version++,
      actions: [info, ...actions],
      token,
      readBack: false,
    })
    if (outcome.kind !== 'committed') throw new Error(outcome.kind)
  }

  append(
    partition: number,
    count: number,
    value: (k: number) => string = (k) => JSON.stringify({ event_type: 'click', user_id: `u${k}` }),
  ): void {
    this.source.append(
      topic,
      partition,
      Array.from({ length: count }, (_, k) => ({ value: value(k), timestampMs: 1_700_000_000_000 + k })),
    )
  }

  job(
    ranges: readonly (readonly [partition: number, start: number, endExclusive: number])[],
    more: Partial<WriteJob> = {},
  ): WriteJob {
    const unitRanges: UnitRange[] = ranges.map(([partition, start, endExclusive]) => ({
      partition,
      start,
      endExclusive,
      restart: 0,
    }))
    return {
      v: jobVersion,
      unitId: unitId(topicId, unitRanges),
      tableId,
      topic,
      topicId,
      ranges: unitRanges,
      cutAtMs: 1_700_000_000_000,
      full: false,
      ...more,
    }
  }

  async send(job: WriteJob): Promise<void> {
    await this.write.add({ id: job.unitId, data: encodeWriteJob(job) })
  }

  collectCommits(): void {
    this.commit.consume(
      (job) => {
        const parsed = parseCommitJob(job.data)
        if (parsed.kind === 'unit') this.commits.push(parsed)
        return Promise.resolve<Json>(null)
      },
      { concurrency: 256, onError: () => undefined },
    )
  }

  /** Starts a writer; resolves once it is ready. Calling what it resolves to stops it. */
  async start(): Promise<() => Promise<void>> {
    const ready = Promise.withResolvers<void>()
    const stop = new AbortController()
    const source = this.through.source ?? this.source
    const encoder = this.through.encoder ?? new InlineEncoder()
    const clock = this.through.clock ?? systemClock
    const running = runWriter(
      {
        source,
        store: this.through.store ?? this.store,
        deadLetterStore: this.deadLetterStore,
        parquetReader: new HyparquetReader(),
        unitRunner: this.through.unitRunner ?? new LocalUnitRunner({ source, encoder, clock }),
        encoderApart: this.through.encoderApart ?? encoder,
        queues: [{ write: this.write, commit: this.through.commit ?? this.commit }],
        clock,
        random: systemRandom,
        log: { ...silentLog, error: (_fields, message) => void this.errors.push(message) },
        metrics: {
          ...noMetrics,
          count: (name) => void this.counts.push(name),
          gauge: (name, _labels, value) => void this.gauges.set(name, value),
        },
        onReady: (note) => {
          this.notes.push(note)
          ready.resolve()
        },
        onWaiting: (why) => this.waiting.push(why),
      },
      {
        ...defaultWriterOptions,
        table: 't',
        threads: 2,
        unitsAtOnce: 3,
        tablePollMs: 5,
        crashPauseMsMax: 60,
        shutdownDeadlineMs: 1000,
        ...this.options,
      },
      AbortSignal.any([stop.signal, this.#stop.signal]),
    )
    running.catch((error: unknown) => ready.reject(error as Error))
    await ready.promise
    return async () => {
      stop.abort()
      await running
    }
  }
}

export async function until(condition: () => boolean, withinMs = 40_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${condition.toString()}`)
    await systemClock.sleep(5)
  }
}
