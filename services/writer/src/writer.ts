import { encodeWriteResult, parseWriteJob, type WriteJob, type WriteResult } from '@silt/contracts'
import {
  asSiltError,
  assert,
  isSiltError,
  SaidOnce,
  shouldRetry,
  type Consumption,
  type Json,
  type QueuedJob,
} from '@silt/core'
import { followedTable, type FollowedTable } from '@silt/delta'
import { judgeRowRules } from '@silt/rows'
import { CrashPauses } from './crash-pauses.ts'
import { judgeJob, refusal } from './judge-job.ts'
import { tracedUnit } from './trace-unit.ts'
import { sharedRefresh } from './shared-refresh.ts'
import { watchPause } from './watch-pause.ts'
import type { WriterDeps, WriterOptions } from './writer-options.ts'
import { PathWatch } from './path-watch.ts'
import { WriterMetrics } from './writer-metrics.ts'
import { writeUnit } from './write-unit.ts'

/**
 * Turns write jobs into files and commit jobs until `signal` aborts; then running jobs get `shutdownDeadlineMs` to finish, the rest are delivered
 * to others. Waits while there is no table. Stateless: a job that fails is put back, one that runs twice makes files twice.
 *
 * Errors that end it: `delta/table-replaced`, `delta/unsupported-feature`, `delta/broken-log`, and what the store denies while reading the log.
 */
export async function runWriter(deps: WriterDeps, options: WriterOptions, signal: AbortSignal): Promise<void> {
  const metrics = new WriterMetrics(deps.metrics, deps.log, options.table)
  metrics.threads(options.threads)
  const view = followedTable({ ...deps, judge: judgeRowRules, steadyNowMs: () => deps.clock.monotonicMs() })
  await waitForTable(deps, options, view, metrics, signal)
  if (signal.aborted) return
  const failed = new AbortController()
  const path = new PathWatch(deps.log, metrics)
  path.look(view.state)
  const refresh = sharedRefresh(async () => {
    await view.refresh()
    path.look(view.state)
  })
  const ended = AbortSignal.any([signal, failed.signal])
  const pauses = new CrashPauses({
    clock: deps.clock,
    maxMs: options.crashPauseMsMax,
    placesMax: Math.max(1, options.unitsAtOnce - 1),
    stopping: ended,
  })
  const otherTables = new SaidOnce()
  const running: Consumption[] = deps.queues.map(({ write, commit }) => {
    const context = { deps, options, pauses, metrics, commitQueue: commit, otherTables }
    const run = (queued: QueuedJob, jobSignal: AbortSignal): Promise<Json> => {
      metrics.unitTaken()
      return handle(context, view, refresh, failed, queued, jobSignal).finally(() => metrics.unitEnded())
    }
    return write.consume(run, {
      concurrency: options.unitsAtOnce,
      onError: (error) => metrics.error(error),
    })
  })
  const onError = (error: unknown): void => metrics.error(error)
  await watchPause(deps, options, { view, refresh, onError }, ended)
  await Promise.all(running.map((consumption) => consumption.stop(options.shutdownDeadlineMs)))
  if (failed.signal.aborted) throw asSiltError(failed.signal.reason)
}

async function waitForTable(
  deps: WriterDeps,
  options: WriterOptions,
  view: FollowedTable,
  metrics: WriterMetrics,
  signal: AbortSignal,
): Promise<void> {
  while (!signal.aborted) {
    try {
      await view.refresh()
      if (view.state !== undefined) return
      deps.onWaiting(`waiting for the committer to make the table at ${deps.store.location} (DELTA_TABLE_PATH)`)
    } catch (error) {
      if (!shouldRetry(error)) throw error
      metrics.error(error)
      deps.onWaiting(asSiltError(error).message)
    }
    await deps.clock.sleep(options.tablePollMs, signal)
  }
}

type Context = Parameters<typeof writeUnit>[0] & { readonly otherTables: SaidOnce }

async function handle(
  context: Context,
  view: FollowedTable,
  refresh: () => Promise<void>,
  failed: AbortController,
  queued: QueuedJob,
  signal: AbortSignal,
): Promise<Json> {
  const { deps, metrics } = context
  const startMs = deps.clock.monotonicMs()
  const job = parseJob(queued)
  const waitedMs = 'outcome' in job ? 0 : deps.clock.nowMs() - job.cutAtMs
  if ('outcome' in job) {
    metrics.dropped('malformed')
    deps.log.error({ unit: queued.id, code: job.code }, job.message)
    return encodeWriteResult(job)
  }
  const result = await tracedUnit(deps, job, async (laps) => {
    try {
      await refresh()
    } catch (error) {
      if (!shouldRetry(error)) failed.abort(error)
      throw error
    }
    const followMs = Math.round(deps.clock.monotonicMs() - startMs)
    laps.follow = followMs
    deps.log.debug({ topic: job.topic, unit: job.unitId, waitedMs, followMs }, 'unit taken')
    const state = view.state
    assert(state !== undefined, 'a table that was read stays read')
    deps.log.debug({ table: context.options.table, topic: job.topic, unit: job.unitId }, 'unit begun')
    return judgeJob(job, state) ?? writeUnit(context, job, state, queued.stalls ?? 0, laps, signal)
  })
  tell(context, job, result, deps.clock.monotonicMs() - startMs)
  return encodeWriteResult(result)
}

function tell({ deps, metrics, options, otherTables }: Context, job: WriteJob, result: WriteResult, ms: number): void {
  const fields = { table: options.table, topic: job.topic, unit: job.unitId, ms: Math.round(ms) }
  if (result.outcome === 'written') {
    metrics.unitSeconds(ms)
    deps.log.debug(fields, 'unit written')
    return
  }
  // Told where it died.
  if (result.outcome === 'decoder-died') return
  const reason = result.outcome === 'behind' ? 'behind' : result.code
  metrics.dropped(reason)
  if (result.outcome === 'behind') deps.log.debug(fields, 'unit is behind txn')
  else if (result.code !== 'writer/other-table') deps.log.warn({ ...fields, code: result.code }, result.message)
  else if (otherTables.isNew(job.tableId))
    deps.log.error({ ...fields, code: result.code, kind: 'invalid' }, result.message)
  else deps.log.debug({ ...fields, code: result.code }, 'unit of another table, as said before')
}

/** A job nobody can read is answered, not put back: it would come round for ever. One for a newer process is left to it. */
function parseJob(queued: QueuedJob): WriteJob | ReturnType<typeof refusal> {
  try {
    return parseWriteJob(queued.data)
  } catch (error) {
    if (isSiltError(error, 'data/job-malformed')) return refusal(error.code, error.message)
    throw error
  }
}
