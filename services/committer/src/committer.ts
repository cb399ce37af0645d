import { encodeCommitNotice, parseCommitJob, type CommitJob, type CommitNotice } from '@silt/contracts'
import {
  asSiltError,
  isSiltError,
  type Clock,
  type Consumption,
  type Json,
  type JobQueue,
  type Lease,
  type Log,
  type Metrics,
  type ObjectStore,
  type ParquetReader,
  type QueuedJob,
  type Random,
  type Traces,
} from '@silt/core'
import { Checkpoints, type Checkpointer } from './checkpoints.ts'
import { CommitLoop } from './commit-loop.ts'
import type { CommitterOptions } from './committer-options.ts'
import { runLeaseLoop } from './lease-loop.ts'
import { ensureTables } from './table-bootstrap.ts'
import { TableLog, type TableLogWatch } from './table-log.ts'
import { TableStand, type Readiness } from './table-stand.ts'
import { tellLogProblems, VersionChecksums } from './version-checksums.ts'

export interface CommitterDeps {
  /** Rooted at the table's folder. */
  readonly store: ObjectStore
  /** Rooted at the dead-letter table's folder. */
  readonly deadLetterStore: ObjectStore
  /** The commit queues this process reads, one a job version. */
  readonly queues: readonly JobQueue[]
  readonly lease: Lease
  readonly parquetReader: ParquetReader
  readonly checkpointer: Checkpointer
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  /** Undefined: nothing is traced. */
  readonly traces?: Traces
  /** Ready: standing by, or committing to a table that takes commits. */
  readonly onReadiness: (readiness: Readiness) => void
}

/**
 * The committer of one table (architecture.md § 3): stands by until it holds the lease, then makes versions of commit jobs. When `signal` aborts it
 * takes no new job, commits what can be committed within `shutdownDeadlineMs`, gives the rest back and releases the lease.
 *
 * Any number may run at once; two that both believe to hold the lease are slow, never wrong (I7). Ends only with `signal`, or by throwing:
 * what `ensureTables` throws (`table/…`, kinds invalid, unsupported, data), or a bug (`internal/…`).
 */
export async function runCommitter(deps: CommitterDeps, options: CommitterOptions, signal: AbortSignal): Promise<void> {
  const { clock, lease, log, metrics, random } = deps
  const active = (value: number): void => metrics.gauge('silt_committer_active', { table: options.label }, value)
  active(0)
  deps.onReadiness({ ready: true, detail: '' })
  await runLeaseLoop(
    { lease, clock, log },
    { holder: random.uuid(), leaseMs: options.leaseMs },
    signal,
    async (lost) => {
      active(1)
      try {
        await runTerm(deps, options, signal, lost)
      } finally {
        active(0)
        // Standing by it does not read the log: what it knew of the table grows old.
        for (const name of ['silt_table_paused', 'silt_table_parked']) metrics.withdraw(name, { table: options.label })
        if (!signal.aborted) deps.onReadiness({ ready: true, detail: '' })
      }
    },
  )
}

/** What is under way of version checksums at the end of a term is waited for this long. */
const lastChecksumsMaxMs = 1000

/** One time of being the active committer, from winning the lease to losing it or shutting down. */
async function runTerm(
  deps: CommitterDeps,
  options: CommitterOptions,
  signal: AbortSignal,
  lost: AbortSignal,
): Promise<void> {
  const { clock, log, metrics } = deps
  const checksums = new VersionChecksums(log)
  const stand = await openStand(deps, options, checksums)
  if (stand === undefined) return
  const { checkpointRetryMs: retryMs } = options.tuning
  const checkpoints = new Checkpoints({
    checkpointer: deps.checkpointer,
    clock,
    log,
    metrics,
    label: options.label,
    retryMs,
  })
  const loop = new CommitLoop({ ...deps, stand, checkpoints }, options)
  const stop = new AbortController()
  const consumptions = deps.queues.map((queue) => consume(queue, loop, deps, options))
  const onLost = (): void => {
    stop.abort()
    for (const each of consumptions) void letGo(each, 0, log)
  }
  const onSignal = (): void => {
    for (const each of consumptions) void letGo(each, options.shutdownDeadlineMs, log)
    void clock.sleep(options.shutdownDeadlineMs, stop.signal).then(() => stop.abort())
  }
  whenAborted(lost, onLost)
  whenAborted(signal, onSignal)
  try {
    await loop.run(stop.signal, signal)
  } finally {
    lost.removeEventListener('abort', onLost)
    signal.removeEventListener('abort', onSignal)
    stop.abort()
    await Promise.all(consumptions.map((each) => letGo(each, 0, log)))
    await checksums.settled(clock, lastChecksumsMaxMs)
  }
}

/** Undefined while the store is away: the lease loop tries again. */
async function openStand(
  deps: CommitterDeps,
  options: CommitterOptions,
  checksums: VersionChecksums,
): Promise<TableStand | undefined> {
  const { clock, log, metrics, parquetReader } = deps
  try {
    const logOptions = { readBack: options.readBack, baseProofMaxMs: options.tuning.baseProofMaxMs }
    const read = await ensureTables(deps, { ...logOptions, partitionColumns: options.partitionColumns })
    const watch: TableLogWatch = {
      committed: (store, state, token) => checksums.start(store, state, token),
      loaded: (location, state) => tellLogProblems(log, location, state),
    }
    const main = TableLog.open({ store: deps.store, parquetReader, clock }, logOptions, read.main, watch)
    const deadLetters = TableLog.open(
      { store: deps.deadLetterStore, parquetReader, clock },
      logOptions,
      read.deadLetters,
      watch,
    )
    const { lookBackVersionsMax } = options.tuning
    return await TableStand.open({
      main,
      deadLetters,
      clock,
      log,
      metrics,
      label: options.label,
      lookBackVersionsMax,
      onReadiness: deps.onReadiness,
    })
  } catch (cause) {
    const error = asSiltError(cause)
    if (error.kind !== 'unavailable' && error.kind !== 'ambiguous') throw error
    log.warn({ code: error.code, kind: error.kind, error }, `cannot open the table, will try again: ${error.message}`)
    deps.onReadiness({ ready: false, detail: error.message })
    return undefined
  }
}

function consume(queue: JobQueue, loop: CommitLoop, deps: CommitterDeps, options: CommitterOptions): Consumption {
  const { log, metrics } = deps
  return queue.consume((job) => handle(job, loop, deps, options), {
    concurrency: options.jobsHeldMax,
    onError: (cause) => {
      const { code, kind, message } = asSiltError(cause)
      if (code === 'committer/stopped') return
      metrics.count('silt_errors_total', { table: options.label, actor: 'committer', kind, code })
      log.warn({ code, kind, error: cause }, `commit queue: ${message}`)
    },
  })
}

/** A malformed job can never be committed by anyone, so it is answered; a newer one goes back for a newer process. */
async function handle(
  queued: QueuedJob,
  loop: CommitLoop,
  deps: CommitterDeps,
  options: CommitterOptions,
): Promise<Json> {
  let job: CommitJob
  try {
    job = parseCommitJob(queued.data)
  } catch (error) {
    if (!isSiltError(error) || error.kind !== 'data') throw error
    deps.metrics.count('silt_commit_jobs_dropped_total', { table: options.label, reason: 'malformed' })
    deps.log.error({ code: error.code, kind: error.kind, job: queued.id }, `commit job refused: ${error.message}`)
    const refused: CommitNotice = { outcome: 'refused', version: 0, txn: {}, nextSlot: deps.clock.nowMs(), ranges: [] }
    return encodeCommitNotice(refused)
  }
  return encodeCommitNotice(await loop.submit(job))
}

async function letGo(consumption: Consumption, deadlineMs: number, log: Log): Promise<void> {
  try {
    await consumption.stop(deadlineMs)
  } catch (error) {
    log.warn({ error }, 'could not stop a commit queue cleanly')
  }
}

function whenAborted(signal: AbortSignal, act: () => void): void {
  if (signal.aborted) act()
  else signal.addEventListener('abort', act, { once: true })
}
