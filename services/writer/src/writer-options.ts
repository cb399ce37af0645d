import type {
  Clock,
  JobQueue,
  Log,
  Metrics,
  ObjectStore,
  ParquetReader,
  Random,
  Source,
  Traces,
  UnitEncoder,
} from '@silt/core'
import type { UnitRunner } from './unit-runner.ts'

/** The queues of one job version: a unit is committed under the version it was cut under, so older committers go on. */
export interface WriterQueues {
  readonly write: JobQueue
  readonly commit: JobQueue
}

export interface WriterDeps {
  readonly source: Source
  /** Rooted at the main table's folder. */
  readonly store: ObjectStore
  /** Rooted at the dead-letter table's folder. */
  readonly deadLetterStore: ObjectStore
  readonly parquetReader: ParquetReader
  /** Reads and encodes units; closed by whoever made it, after `runWriter` has ended. */
  readonly unitRunner: UnitRunner
  /** Each session in a process of its own, for units over which a decoder died, which `source` reads; closed likewise. */
  readonly encoderApart: UnitEncoder
  /** This process's job version and older ones. */
  readonly queues: readonly WriterQueues[]
  readonly clock: Clock
  readonly random: Random
  readonly log: Log
  readonly metrics: Metrics
  /** Undefined: nothing is traced. */
  readonly traces?: Traces
  /** Consuming: the table exists. `note`: that it is paused, else empty. */
  readonly onReady: (note: string) => void
  /** Not consuming, and why: the message names the setting at fault. */
  readonly onWaiting: (why: string) => void
}

/** Settings of one writer; `defaultWriterOptions` has the defaults of those that have one. */
export interface WriterOptions {
  /** The table's label (`tableLabel`). */
  readonly table: string
  /** WRITER_THREADS: units encoded at once. */
  readonly threads: number
  /** WRITER_UNITS_AT_ONCE: jobs that run side by side; one more than the threads lets fetching overlap encoding. */
  readonly unitsAtOnce: number
  /** Decoded bytes of one unit; a unit that would be larger comes back short. Units at once bound with it what is held. */
  readonly unitBytesMax: number
  readonly schemaEvolution: 'add' | 'rescue' | 'fail'
  readonly columnsMax: number
  readonly recordBytesMax: number
  /** CRASH_PAUSE_MAX_MS: the longest pause before a process decodes a record again that has killed others. */
  readonly crashPauseMsMax: number
  /** How often a table that is not there yet is looked for. */
  readonly tablePollMs: number
  /** How often the log is looked at without a job, and while the table is paused. */
  readonly logPollMs: number
  readonly pausedPollMs: number
  readonly shutdownDeadlineMs: number
}

export const defaultWriterOptions = Object.freeze({
  unitBytesMax: 128 * 2 ** 20,
  schemaEvolution: 'add',
  columnsMax: 200,
  recordBytesMax: 16 * 2 ** 20,
  crashPauseMsMax: 30_000,
  tablePollMs: 500,
  logPollMs: 5000,
  pausedPollMs: 2000,
  shutdownDeadlineMs: 20_000,
} as const) satisfies Omit<WriterOptions, 'table' | 'threads' | 'unitsAtOnce'>
