import type { Settings } from '@silt/config'
import { probeKey, tableLabel } from '@silt/contracts'
import { asSiltError, SiltError } from '@silt/core'
import { probePutIfAbsent, type StoreCall } from '@silt/object-store'
import { OnDemandReader } from '@silt/parquet/reader'
import { createJsonLog, Health, PrometheusMetrics, startOpsServer } from '@silt/telemetry'
import type { Terminal } from '../terminal.ts'
import { openTable } from '../table/open-table.ts'
import { checkStart } from './check-start.ts'
import { watchUntilIdle, type IdleWatchDeps } from './idle-watch.ts'
import { openQueues } from './open-queues.ts'
import { openSource } from './open-source.ts'
import { showQueueDepths } from './queue-depths.ts'
import { RunProgress, showProgress } from './run-progress.ts'
import { shutdownOrder, type ActorName, type ProcessParts } from './process-parts.ts'
import { stopInOrder } from './stop-in-order.ts'
import { supervise } from './supervise.ts'
import { tracesOf } from './traces.ts'
import { warnOfNearMisses } from './warn-of-near-misses.ts'
import { queueHealth, watchQueues } from './watch-queues.ts'

export interface RunOptions {
  readonly untilIdle: boolean
  /** Where progress is told while it runs; a terminal gets a line of its own, else log lines say it. */
  readonly onVersion?: (version: number) => void
}

/**
 * Runs actors in this process until the terminal's signal aborts, one of them fails for good, or with `untilIdle` everything readable at
 * start is committed. Errors: what ended the first actor that failed; `run/needs-redis`, `config/…`, `ops/…` (invalid) before anything starts;
 * `run/interrupted` (unavailable) when it was to run until idle and was stopped before.
 */
export async function runActors(
  actors: readonly ActorName[],
  settings: Settings,
  terminal: Terminal,
  options: RunOptions,
): Promise<void> {
  if (settings.REDIS_URL === undefined && actors.length < shutdownOrder.length)
    throw new SiltError(
      'invalid',
      'run/needs-redis',
      `one ${actors.join(' and ')} alone needs REDIS_URL, the queue it shares with the others; or run all actors in one process with "silt run"`,
    )
  const log = createJsonLog({
    level: terminal.interactive ? quieter(settings.LOG_LEVEL) : settings.LOG_LEVEL,
    secrets: terminal.secrets,
  })
  const prometheus = new PrometheusMetrics({ processMetrics: true })
  const label = tableLabel(settings.DELTA_TABLE_PATH)
  prometheus.begin(actors, label)
  const metrics = new RunProgress(prometheus, settings.KAFKA_BOOTSTRAP_SERVERS === undefined ? 'bytes' : 'offsets')
  const watchedParts = settings.REDIS_URL === undefined ? actors : [...actors, queueHealth]
  const health = new Health(watchedParts, (actor, ready) => metrics.gauge('silt_ready', { actor }, ready ? 1 : 0))
  const traces = await tracesOf(settings, actors, terminal, { log, metrics })
  const table = openTable(settings, { ...terminal, log, onStoreCall: (call) => countStoreCall(metrics, label, call) })
  const source = openSource(settings, { ...terminal, log })
  const queues = await openQueues(settings, table.label, { ...terminal, log })
  const close = async (): Promise<void> => {
    await queues.close()
    await source.close()
    await table.close()
    await traces?.close()
  }
  const serve = { host: settings.OPS_HOST, port: settings.OPS_PORT, health, metrics: prometheus }
  const ops = await startOpsServer(serve).catch(async (error: unknown) => {
    await close()
    throw error
  })
  log.info({ table: table.label, path: table.path, actors, opsPort: ops.port }, 'starting')
  warnOfNearMisses(terminal, log)
  const base = { settings, terminal, table, source, queues, log, metrics, health }
  const parts: ProcessParts = traces === undefined ? base : { ...base, traces }
  const ended = new AbortController()
  const shown = terminal.interactive
    ? showProgress(metrics, (text) => terminal.note(text), terminal.clock, ended.signal)
    : Promise.resolve()
  const watched = watchVersion(metrics, terminal, options, ended.signal)
  const { check } = queues
  const { clock } = terminal
  const queuesWatched =
    check === undefined
      ? Promise.resolve()
      : watchQueues(
          check,
          {
            health,
            log: log.child({ table: table.label }),
            clock,
            onAnswer: () => showQueueDepths(queues, metrics, table.label),
          },
          ended.signal,
        )
  try {
    await runInOrder(actors, parts, options)
  } finally {
    ended.abort()
    await Promise.all([shown, watched])
    await close()
    await queuesWatched
    await ops.close()
    log.info({ table: table.label }, 'stopped')
  }
}

function countStoreCall(metrics: RunProgress, table: string, { operation, error }: StoreCall): void {
  metrics.count('silt_store_requests_total', { table, operation })
  if (error !== undefined) metrics.count('silt_store_errors_total', { table, operation, code: asSiltError(error).code })
}

async function runInOrder(actors: readonly ActorName[], parts: ProcessParts, options: RunOptions): Promise<void> {
  const { terminal } = parts
  const stops = new Map(actors.map((actor) => [actor, new AbortController()]))
  const failures: unknown[] = []
  /** Actors that ended well without being told to: an ingestor that was to run until idle. */
  const finished = new Set<ActorName>()
  let settle: () => void = () => undefined
  const over = new Promise<void>((resolve) => (settle = resolve))
  const open = await checkStart(actors, parts, terminal.signal)
  const watching = new AbortController()
  const heard = open.refusal(watching.signal).then((refusal) => {
    if (refusal === undefined) return
    failures.push(refusal)
    settle()
  })
  const storeProbed = actors.includes('committer') ? waitForStore(parts) : Promise.resolve()
  await Promise.race([storeProbed, untilAborted(terminal.signal), over])
  const starting = terminal.signal.aborted || failures.length > 0 ? [] : actors
  const runs = new Map(
    starting.map((actor) => {
      const signal = (stops.get(actor) as AbortController).signal
      const loaded = actorRun(actor, parts, options)
      const run = supervise(actor, async (until) => (await loaded)(until), signal, { ...parts, ...terminal })
        .then(() => {
          if (!signal.aborted) finished.add(actor)
        })
        .catch((error: unknown) => void failures.push(error))
        .finally(settle)
      return [actor, run]
    }),
  )
  if (terminal.signal.aborted) settle()
  terminal.signal.addEventListener('abort', settle)
  const watched = !options.untilIdle
    ? Promise.resolve()
    : watchUntilIdle(idleWatchDeps(actors, parts), watching.signal).then((parked) => {
        if (parked === undefined) return
        failures.push(parked)
        settle()
      })
  await over
  watching.abort()
  await Promise.all([watched, heard])
  const running = new Map(
    [...runs].map(([actor, run]) => [actor, { run, stop: stops.get(actor) as AbortController }] as const),
  )
  // Stopped while the store was asked: a put that is under way ends first, or it would land in a folder that the caller thinks at rest.
  if (runs.size === 0)
    running.set('committer', { run: storeProbed.catch(() => undefined), stop: new AbortController() })
  await stopInOrder(running, parts.settings.SHUTDOWN_DEADLINE_MS, () => parts.table.close(), {
    clock: terminal.clock,
    log: parts.log.child({ table: parts.table.label }),
  })
  if (failures.length > 0) throw failures[0]
  if (options.untilIdle && actors.includes('ingestor') && !finished.has('ingestor'))
    throw new SiltError('unavailable', 'run/interrupted', 'stopped before everything readable at start was committed')
}

type ActorRun = (signal: AbortSignal) => Promise<void>

function idleWatchDeps(actors: readonly ActorName[], { terminal, log, health, table }: ProcessParts): IdleWatchDeps {
  return {
    clock: terminal.clock,
    log: log.child({ table: table.label }),
    health,
    store: table.store,
    reader: new OnDemandReader(),
    committerElsewhere: !actors.includes('committer'),
  }
}

/** Loads an actor where it runs. */
async function actorRun(actor: ActorName, parts: ProcessParts, { untilIdle }: RunOptions): Promise<ActorRun> {
  switch (actor) {
    case 'ingestor':
      return (await import('./ingestor-run.ts')).ingestorRun(parts, untilIdle)
    case 'writer':
      return (await import('./writer-run.ts')).writerRun(parts)
    case 'committer':
      return (await import('./committer-run.ts')).committerRun(parts, untilIdle)
  }
}

/** I11: refuses a store without put-if-absent; waits for one that is away. */
async function waitForStore({ table, terminal, log, health }: ProcessParts): Promise<void> {
  await supervise('committer', () => probePutIfAbsent(table.store, probeKey), terminal.signal, {
    ...terminal,
    log,
    health,
  })
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}

function quieter(level: Settings['LOG_LEVEL']): Settings['LOG_LEVEL'] {
  return level === 'info' ? 'warn' : level
}

const versionPollMs = 100

async function watchVersion(
  progress: RunProgress,
  terminal: Terminal,
  options: RunOptions,
  signal: AbortSignal,
): Promise<void> {
  if (options.onVersion === undefined) return
  while (progress.rows === 0 && !signal.aborted) await terminal.clock.sleep(versionPollMs, signal)
  if (progress.version !== undefined && progress.rows > 0) options.onVersion(progress.version)
}
