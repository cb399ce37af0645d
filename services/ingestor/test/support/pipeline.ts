import {
  encodeCommitNotice,
  encodeWriteResult,
  eventTableSchema,
  parseCommitJob,
  parseWriteJob,
  partitionAppId,
  partitionProgress,
  pauseOf,
  pausingTxns,
  releasingTxns,
  type CommitJob,
  type CommitNotice,
  type UnitCommitJob,
  type WriteJob,
} from '@silt/contracts'
import {
  isSiltError,
  systemClock,
  systemRandom,
  type Assignment,
  type Clock,
  type JobQueue,
  type Json,
  type Membership,
} from '@silt/core'
import { noMetrics, silentLog } from '@silt/core/testing'
import {
  commitEntry,
  commitInfo,
  followLog,
  loadState,
  newTableActions,
  type Action,
  type TableState,
} from '@silt/delta'
import { MemoryStore } from '@silt/object-store'
import { HyparquetReader } from '@silt/parquet'
import { MemoryQueueProvider } from '@silt/queue'
import { MemorySource } from '@silt/source'
import { defaultIngestorOptions, type IngestorOptions } from '../../src/ingestor-options.ts'
import { runIngestor } from '../../src/ingestor.ts'

export const topic = 'events'
const tableId = '00000000-0000-4000-8000-000000000001'

/** A table, a topic and queues in memory; a stand-in for writers and one for the committer that keep to I3 and I3a. */
export class Pipeline {
  readonly source = new MemorySource({ clock: systemClock })
  readonly store = new MemoryStore({ clock: systemClock })
  readonly queues = new MemoryQueueProvider({ clock: systemClock })
  readonly write: JobQueue = this.queues.open('silt-t-write-v1')
  readonly commit: JobQueue = this.queues.open('silt-t-commit-v1')
  readonly members = new ScriptedMembership()
  /** Write jobs as run, in order. */
  readonly jobs: WriteJob[] = []
  readonly starts: { partition: number; offset: number }[] = []
  readonly gauges: { name: string; labels: Readonly<Record<string, string>>; value: number }[] = []
  readonly waiting: string[] = []
  /** What readiness said besides. */
  readonly notes: string[] = []
  isReady = false
  options: Partial<IngestorOptions> = {}
  /** The ingestor's. */
  clock: Clock = systemClock
  /** May change or hold up what the stand-in writer does with a job. */
  onJob: (job: WriteJob) => Promise<'behind' | WriteJob['ranges'] | undefined> = () => Promise.resolve(undefined)
  #state: TableState | undefined
  #held: { job: UnitCommitJob; done: (notice: CommitNotice) => void }[] = []
  #committing: Promise<unknown> = Promise.resolve()

  async createTable(): Promise<void> {
    const actions = newTableActions({
      id: tableId,
      schema: eventTableSchema,
      partitionColumns: [],
      configuration: {},
      createdMs: 1,
    })
    await this.commitActions(actions)
  }

  async commitActions(actions: readonly Action[]): Promise<void> {
    const token = systemRandom.uuid()
    const info = commitInfo({ timestampMs: 1, operation: 'WRITE', engineInfo: 'test', token })
    const version = (this.#state?.version ?? -1) + 1
    const outcome = await commitEntry(this.store, { version, actions: [info, ...actions], token, readBack: false })
    if (outcome.kind !== 'committed') throw new Error(outcome.kind)
    this.#state =
      this.#state === undefined
        ? await loadState(this.store, new HyparquetReader())
        : (await followLog(this.store, this.#state)).state
  }

  async decide(kind: 'pause' | 'unpause'): Promise<void> {
    const version = (this.#state?.version ?? -1) + 1
    const txns =
      kind === 'pause'
        ? pausingTxns(this.#state?.txns ?? new Map(), version, systemClock.nowMs())
        : releasingTxns(version)
    await this.commitActions([...txns].map(([appId, next]) => ({ txn: { appId, version: next } })))
    await this.#settle()
  }

  txn(partition: number, topicId: string, version: number, restart = 0): Action {
    return { txn: { appId: partitionAppId('silt', { topic, topicId, partition, restart }), version } }
  }

  next(partition: number, topicId = 'id-1'): number | undefined {
    return this.#state === undefined ? undefined : partitionProgress(this.#state.txns, topic, topicId, partition)?.next
  }

  produce(partition: number, count: number): void {
    this.source.append(
      topic,
      partition,
      Array.from({ length: count }, () => ({ value: '{}' })),
    )
  }

  startWriters(concurrency = 2): void {
    this.write.consume(async (queued, signal) => this.#runWriteJob(parseWriteJob(queued.data), signal), {
      concurrency,
      onError: () => undefined,
    })
  }

  startCommitter(): void {
    this.commit.consume((queued) => this.#runCommitJob(parseCommitJob(queued.data)), {
      concurrency: 256,
      onError: () => undefined,
    })
  }

  /** Resolves when the ingestor ends; `stop` ends it. */
  run(): { readonly ended: Promise<void>; readonly stop: () => Promise<void> } {
    const stopping = new AbortController()
    const ended = runIngestor(
      {
        source: this.source,
        membership: this.members,
        store: this.store,
        parquetReader: new HyparquetReader(),
        writeQueue: this.write,
        commitQueues: [this.commit],
        clock: this.clock,
        log: silentLog,
        metrics: { ...noMetrics, gauge: (name, labels, value) => void this.gauges.push({ name, labels, value }) },
        onReady: (note) => {
          this.isReady = true
          this.notes.push(note)
        },
        onWaiting: (why) => {
          this.isReady = false
          this.waiting.push(why)
        },
      },
      { ...defaultIngestorOptions, ...fast, table: 't', topic, ...this.options },
      stopping.signal,
    )
    ended.catch(() => undefined)
    return {
      ended,
      stop: async () => {
        stopping.abort()
        await ended
      },
    }
  }

  async #runWriteJob(job: WriteJob, signal: AbortSignal): Promise<Json> {
    this.jobs.push(job)
    const changed = await this.onJob(job)
    if (changed === 'behind') return encodeWriteResult({ outcome: 'behind' })
    const ranges = changed ?? job.ranges
    const counted = []
    try {
      for (const range of ranges) {
        let read = 0
        for await (const slab of this.source.read(
          { ...range, topic, topicId: job.topicId, cutAtMs: job.cutAtMs },
          signal,
        ))
          read += slab.count
        counted.push({ ...range, read, rows: read, deadLetters: 0, gaps: range.endExclusive - range.start - read })
      }
    } catch (error) {
      if (isSiltError(error) && error.kind === 'data')
        return encodeWriteResult({ outcome: 'refused', code: error.code, message: error.message })
      throw error
    }
    const { v, unitId, topicId, full, cutAtMs } = job
    const commit: UnitCommitJob = {
      v,
      kind: 'unit',
      tableId,
      topic,
      topicId,
      unitId,
      ranges: counted,
      full,
      cutAtMs,
      schema: eventTableSchema,
      adds: [],
      deadLetterAdds: [],
      putAt: 1,
    }
    await this.commit.add({ id: unitId, data: commit as unknown as Json })
    return encodeWriteResult({
      outcome: 'written',
      ranges: counted,
      bytes: counted.reduce((sum, each) => sum + each.read * 100, 0),
    })
  }

  async #runCommitJob(job: CommitJob): Promise<Json> {
    const done = Promise.withResolvers<CommitNotice>()
    this.#committing = this.#committing.then(async () => {
      if (job.kind === 'start') {
        this.starts.push({ partition: job.partition, offset: job.offset })
        const isNew = this.next(job.partition, job.topicId ?? '') === undefined
        if (isNew) await this.commitActions([this.txn(job.partition, job.topicId ?? '', job.offset)])
        done.resolve(this.#notice(isNew ? 'committed' : 'duplicate', [job.partition], job.topicId))
        return
      }
      this.#held.push({ job, done: done.resolve })
      await this.#settle()
    })
    return encodeCommitNotice(await done.promise)
  }

  async #settle(): Promise<void> {
    if (this.#state !== undefined && pauseOf(this.#state.txns) !== undefined) return
    for (let moved = true; moved;) {
      moved = false
      for (const held of this.#held) {
        const { job, done } = held
        const topicId = job.topicId ?? ''
        const nexts = job.ranges.map((range) => this.next(range.partition, topicId) ?? Infinity)
        const isReady = job.ranges.every((range, k) => range.start === nexts[k])
        const isDead = job.ranges.some((range, k) => range.start < (nexts[k] ?? 0))
        if (!isReady && !isDead) continue
        this.#held = this.#held.filter((each) => each !== held)
        moved = true
        const partitions = job.ranges.map((range) => range.partition)
        if (isReady)
          await this.commitActions(job.ranges.map((range) => this.txn(range.partition, topicId, range.endExclusive)))
        const isDuplicate = job.ranges.every((range, k) => range.endExclusive <= (nexts[k] ?? 0))
        done(this.#notice(isReady ? 'committed' : isDuplicate ? 'duplicate' : 'stale', partitions, job.topicId))
      }
    }
  }

  #notice(outcome: CommitNotice['outcome'], partitions: readonly number[], topicId: string | null): CommitNotice {
    const txn = Object.fromEntries(partitions.map((partition) => [partition, this.next(partition, topicId ?? '') ?? 0]))
    return {
      outcome,
      version: this.#state?.version ?? 0,
      txn,
      nextSlot: Math.floor(systemClock.nowMs()) + 20,
      ranges: [],
    }
  }
}

/** Everything an order of magnitude faster than the defaults. */
const fast: Partial<IngestorOptions> = {
  batchSize: 10,
  batchTimeoutMs: 200,
  commitIntervalMinMs: 20,
  endPollMs: 10,
  txnRefreshMs: 40,
  replanAfterMs: 250,
  replanAfterMaxMs: 2000,
  topicPollMs: 50,
  stopConfirmMs: 60,
  shutdownDeadlineMs: 1000,
}

class ScriptedMembership implements Membership {
  readonly reports: { generation: number; next: ReadonlyMap<number, number> }[] = []
  #generation = 0
  #partitions: readonly number[] | undefined
  #tell: ((assignment: Assignment) => void) | undefined
  #complain: ((error: unknown) => void) | undefined

  /** Tells why there is no assignment yet, once. */
  delay(error: unknown): void {
    this.#complain?.(error)
  }

  assign(...partitions: number[]): void {
    this.#generation++
    this.#partitions = partitions
    this.#tell?.({ generation: this.#generation, partitions })
  }

  async run(
    signal: AbortSignal,
    onAssignment: (assignment: Assignment) => void,
    onError: (error: unknown) => void,
  ): Promise<void> {
    this.#tell = onAssignment
    this.#complain = onError
    if (this.#partitions !== undefined) onAssignment({ generation: this.#generation, partitions: this.#partitions })
    await new Promise<void>((resolve) => {
      if (signal.aborted) resolve()
      signal.addEventListener('abort', () => resolve(), { once: true })
    })
  }

  report(generation: number, next: ReadonlyMap<number, number>): Promise<void> {
    this.reports.push({ generation, next })
    return Promise.resolve()
  }
}

export async function until(condition: () => boolean, withinMs = 40_000): Promise<void> {
  const deadline = performance.now() + withinMs
  while (!condition()) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${condition.toString()}`)
    await systemClock.sleep(5)
  }
}
