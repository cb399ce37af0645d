import { asSiltError, seededRandom, type BackoffPolicy, type ObjectStore } from '@silt/core'
import { noMetrics, silentLog } from '@silt/core/testing'
import { defaultTuning, runCommitter, type CommitterOptions } from '@silt/committer'
import { writeCheckpoint } from '@silt/delta'
import { defaultIngestorOptions, runIngestor } from '@silt/ingestor'
import { RetryingStore } from '@silt/object-store/testing'
import { defaultWriterOptions, runWriter } from '@silt/writer'
import { LocalUnitRunner } from '@silt/writer/testing'
import type { ActorKind } from './actor-kind.ts'
import { columnsMax } from './limits.ts'
import { drawsFor } from './draws.ts'
import { pressureMsMax } from './memory-pressure.ts'
import { MortalEncoder } from './mortal-encoder.ts'
import { SimLease, SimQueue } from './ports/sim-queue.ts'
import { SimSource } from './ports/sim-source.ts'
import { SimStore } from './ports/sim-store.ts'
import type { SimProcess } from './process.ts'
import { topic } from './truth-keeper.ts'
import type { World } from './world.ts'

const label = 't'
const retryPolicy: BackoffPolicy = Object.freeze({ firstMs: 50, maxMs: 500, attemptsMax: 4 })

/** One running actor: ends by `stopping`, by itself, or not at all once its process is dead. */
export interface RunningActor {
  readonly process: SimProcess
  readonly stopping: AbortController
}

/** Starts the real actor in a process of its own; `onEnd` hears how it ended, unless it was killed. */
export function startActor(
  world: World,
  kind: ActorKind,
  number: number,
  onEnd: (error: unknown) => void,
): RunningActor {
  const process = world.newProcess(kind, number)
  const stopping = new AbortController()
  const run = { ingestor: ingestor, writer: writer, committer: committer }[kind]
  run(world, process, stopping.signal).then(
    () => onEnd(undefined),
    (error: unknown) => onEnd(asSiltError(error)),
  )
  return { process, stopping }
}

/** As the product composes them: the retrying store around the store itself. */
function storesOf(
  world: World,
  process: SimProcess,
): { readonly store: ObjectStore; readonly deadLetterStore: ObjectStore } {
  const options = {
    clock: process.clock,
    random: seededRandom(process.randomSeed),
    policy: retryPolicy,
    budgetMs: 5000,
  }
  return {
    store: new RetryingStore(new SimStore(process, world.main), options),
    deadLetterStore: new RetryingStore(new SimStore(process, world.deadLetters), options),
  }
}

function told(process: SimProcess): { clock: SimProcess['clock']; log: typeof silentLog; metrics: typeof noMetrics } {
  return { clock: process.clock, log: silentLog, metrics: noMetrics }
}

function ingestor(world: World, process: SimProcess, signal: AbortSignal): Promise<void> {
  const { startFromMs, hasTransactions } = world.scenario
  return runIngestor(
    {
      source: new SimSource(process, world.truth.source, hasTransactions),
      membership: world.group.membershipOf(process),
      store: storesOf(world, process).store,
      parquetReader: world.parquet,
      writeQueue: new SimQueue(process, world.writeQueue),
      commitQueues: [new SimQueue(process, world.commitQueue)],
      ...told(process),
      onReady: () => undefined,
      onWaiting: () => undefined,
    },
    {
      ...defaultIngestorOptions,
      ...(startFromMs === undefined ? {} : { startFrom: { kind: 'time', timeMs: startFromMs } as const }),
      table: label,
      topic,
      batchSize: 5,
      batchTimeoutMs: 800,
      unitMaxOffsets: 20,
      unitFirstOffsets: 8,
      unitsInFlightMax: 6,
      uncommittedOffsetsMax: 200,
      commitIntervalMinMs: 200,
      endPollMs: 500,
      txnRefreshMs: 1200,
      replanAfterMs: 2000,
      replanAfterMaxMs: 8000,
      topicPollMs: 2000,
      stopConfirmMs: 1200,
      shutdownDeadlineMs: 2000,
    },
    signal,
  )
}

function writer(world: World, process: SimProcess, signal: AbortSignal): Promise<void> {
  const decoderDraws = drawsFor(process.randomSeed)
  const queues = [{ write: new SimQueue(process, world.writeQueue), commit: new SimQueue(process, world.commitQueue) }]
  const source = new SimSource(process, world.truth.source)
  const encoder = new MortalEncoder(world.parquet, {
    stray: () => world.decoderDeathRate > 0 && decoderDraws.chance(world.decoderDeathRate),
    ...(world.scenario.deadlyToWriters === true && { onDeadly: () => world.writerDies(process) }),
  })
  return runWriter(
    {
      source,
      ...storesOf(world, process),
      parquetReader: world.parquet,
      unitRunner: new LocalUnitRunner({ source, encoder, clock: process.clock }),
      encoderApart: new MortalEncoder(world.parquet, { stray: (recordCount) => world.diesApart(recordCount) }),
      queues,
      random: seededRandom(process.randomSeed),
      ...told(process),
      onReady: () => undefined,
      onWaiting: () => undefined,
    },
    {
      ...defaultWriterOptions,
      table: label,
      threads: 1,
      unitsAtOnce: 2,
      unitBytesMax: world.scenario.unitBytesMax ?? 1500,
      recordBytesMax: 2000,
      // Pauses of 5, 100 and 600 ms: as long as all else here is.
      crashPauseMsMax: pressureMsMax,
      schemaEvolution: world.scenario.evolution,
      columnsMax,
      logPollMs: 5000,
      pausedPollMs: 1000,
      shutdownDeadlineMs: 2000,
    },
    signal,
  )
}

function committer(world: World, process: SimProcess, signal: AbortSignal): Promise<void> {
  const stores = storesOf(world, process)
  const options: CommitterOptions = {
    label,
    readBack: world.scenario.readBack,
    commitIntervalMinMs: 200,
    heldUnitDeadlineMs: 3000,
    jobsHeldMax: world.scenario.jobsHeldMax ?? 32,
    leaseMs: 2000,
    shutdownDeadlineMs: 2000,
    columnsMax,
    partitionColumns: [],
    tuning: {
      ...defaultTuning,
      idlePollMs: 4000,
      logRefreshMs: 700,
      parkedPollMs: 1500,
      pausedPollMs: 1000,
      checkpointRetryMs: 5000,
    },
  }
  return runCommitter(
    {
      ...stores,
      queues: [new SimQueue(process, world.commitQueue)],
      lease: new SimLease(process, world.lease),
      parquetReader: world.parquet,
      checkpointer: {
        write: async (table, version) => {
          const store = table === 'main' ? stores.store : stores.deadLetterStore
          await writeCheckpoint(store, world.parquet, world.parquet, version)
        },
        measure: () => Promise.resolve({ version: 0, files: 0, bytes: 0, removedBytes: 0 }),
        close: () => Promise.resolve(),
      },
      random: seededRandom(process.randomSeed),
      ...told(process),
      onReadiness: () => undefined,
    },
    options,
    signal,
  )
}
