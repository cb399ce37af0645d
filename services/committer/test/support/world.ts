import type { CommitJob, CommitNotice } from '@silt/contracts'
import { seededRandom, type Clock, type ObjectStore, type ParquetReader, type Random } from '@silt/core'
import { ManualClock, noMetrics, silentLog } from '@silt/core/testing'
import { commitEntry, commitInfo, loadState, readEntry, type Action, type LogEntry, type TableState } from '@silt/delta'
import { MemoryStore } from '@silt/object-store'
import { FaultyStore, type FaultPlan } from '@silt/object-store/testing'
import { Checkpoints } from '../../src/checkpoints.ts'
import { CommitLoop } from '../../src/commit-loop.ts'
import { defaultTuning, type CommitterOptions } from '../../src/committer-options.ts'
import { ensureTables } from '../../src/table-bootstrap.ts'
import { readTable, TableLog, type TableLogDeps, type TableLogWatch, type TableReading } from '../../src/table-log.ts'
import { TableStand, type Readiness } from '../../src/table-stand.ts'
import { startMs } from './jobs.ts'

export const options: CommitterOptions = {
  label: 'events',
  readBack: false,
  commitIntervalMinMs: 1000,
  heldUnitDeadlineMs: 30_000,
  jobsHeldMax: 256,
  leaseMs: 3000,
  shutdownDeadlineMs: 20_000,
  columnsMax: 200,
  partitionColumns: [],
  tuning: defaultTuning,
}

/** No table of these tests has a checkpoint. */
export const noParquet: ParquetReader = {
  rows: () => {
    throw new Error('nothing to read')
  },
  batches: () => {
    throw new Error('nothing to read')
  },
}

export interface World {
  readonly clock: ManualClock
  readonly random: Random
  readonly main: MemoryStore
  readonly deadLetters: MemoryStore
  readonly tableId: string
  /** What went wrong where nobody waits. */
  readonly bugs: unknown[]
}

/** Two fresh tables in memory. */
export async function newWorld(seed = 1): Promise<World> {
  const clock = new ManualClock(startMs)
  const random = seededRandom(seed)
  const main = new MemoryStore({ clock, location: 'main' })
  const deadLetters = new MemoryStore({ clock, location: 'dead-letters' })
  const deps = { store: main, deadLetterStore: deadLetters, parquetReader: noParquet, clock, random }
  const tables = await ensureTables(deps, {
    partitionColumns: [],
    readBack: false,
    baseProofMaxMs: defaultTuning.baseProofMaxMs,
  })
  return { clock, random, main, deadLetters, tableId: tables.main.state.metadata.id, bugs: [] }
}

/** A committer without lease and queue, and what its jobs came to. */
export interface LiveCommitter {
  readonly loop: CommitLoop
  readonly stand: TableStand
  readonly readiness: Readiness[]
  /** Settles into `ends`: the notice's outcome, or the error's code. */
  submit(job: CommitJob): Promise<CommitNotice>
  readonly ends: string[]
  /** Ends the loop; what is held is given back. */
  stop(): void
  drain(): void
  readonly done: Promise<void>
}

export interface CommitterFaults {
  readonly main?: FaultPlan
  readonly deadLetters?: FaultPlan
  readonly stores?: { readonly main: ObjectStore; readonly deadLetters: ObjectStore }
  readonly options?: Partial<CommitterOptions>
  readonly random?: Random
  readonly parquetReader?: ParquetReader
  readonly watch?: TableLogWatch
}

export async function openCommitter(world: World, faults: CommitterFaults = {}): Promise<LiveCommitter> {
  const { clock } = world
  const random = faults.random ?? world.random
  const wrap = (store: ObjectStore, plan: FaultPlan | undefined): ObjectStore =>
    plan === undefined ? store : new FaultyStore(store, { plan, clock })
  const stores = faults.stores ?? {
    main: wrap(world.main, faults.main),
    deadLetters: wrap(world.deadLetters, faults.deadLetters),
  }
  const used = { ...options, ...faults.options }
  const open = async (store: ObjectStore): Promise<TableLog> => {
    const deps = { store, parquetReader: faults.parquetReader ?? noParquet, clock }
    const { baseProofMaxMs } = used.tuning
    return TableLog.open(deps, { readBack: used.readBack, baseProofMaxMs }, await reading(deps), faults.watch)
  }
  const readiness: Readiness[] = []
  const stand = await TableStand.open({
    main: await open(stores.main),
    deadLetters: await open(stores.deadLetters),
    clock,
    log: silentLog,
    metrics: noMetrics,
    label: used.label,
    lookBackVersionsMax: used.tuning.lookBackVersionsMax,
    onReadiness: (each) => readiness.push(each),
  })
  const checkpoints = new Checkpoints({
    checkpointer: {
      write: () => Promise.resolve(),
      measure: () => Promise.reject(new Error('nothing to count')),
      close: () => Promise.resolve(),
    },
    clock,
    log: silentLog,
    metrics: noMetrics,
    label: used.label,
    retryMs: 1000,
  })
  const loop = new CommitLoop({ stand, checkpoints, clock, random, log: silentLog, metrics: noMetrics }, used)
  const [stop, drain] = [new AbortController(), new AbortController()]
  const ends: string[] = []
  return {
    loop,
    stand,
    readiness,
    ends,
    submit: (job) => {
      const end = loop.submit(job)
      end.then(
        (notice) => ends.push(notice.outcome),
        (error: unknown) => ends.push((error as { code: string }).code),
      )
      return end
    },
    stop: () => stop.abort(),
    drain: () => drain.abort(),
    done: loop.run(stop.signal, drain.signal),
  }
}

export async function reading(deps: TableLogDeps): Promise<TableReading> {
  const read = await readTable(deps)
  if (read === undefined) throw new Error('no table')
  return read
}

export async function stateOf(store: ObjectStore, reader: ParquetReader = noParquet): Promise<TableState> {
  const state = await loadState(store, reader)
  if (state === undefined) throw new Error('no table')
  return state
}

export async function logOf(store: ObjectStore): Promise<readonly LogEntry[]> {
  const entries: LogEntry[] = []
  for (let version = 0; ; version++) {
    const entry = await readEntry(store, version)
    if (entry === undefined) return entries
    entries.push(entry)
  }
}

/** Another engine's commit on top of the newest version. */
export async function foreignCommit(
  store: ObjectStore,
  clock: Clock,
  info: {
    readonly operation: string
    readonly operationParameters?: Readonly<Record<string, string>>
    readonly silt?: never
  },
  actions: readonly Action[] = [],
  parquetReader: ParquetReader = noParquet,
): Promise<number> {
  const version = (await stateOf(store, parquetReader)).version + 1
  const token = `foreign-${version}`
  const provenance = commitInfo({ timestampMs: clock.nowMs(), engineInfo: 'another', token, ...info })
  const outcome = await commitEntry(store, { version, actions: [provenance, ...actions], token, readBack: false })
  if (outcome.kind !== 'committed') throw new Error(outcome.kind)
  return version
}
