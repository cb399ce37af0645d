import type { JobQueue } from '@silt/core'
import type { CrashPauses } from './crash-pauses.ts'
import type { WriterMetrics } from './writer-metrics.ts'
import type { WriterDeps, WriterOptions } from './writer-options.ts'

/** What every unit of a writer is written with. */
export interface WriteUnitContext {
  readonly deps: WriterDeps
  readonly options: WriterOptions
  readonly pauses: CrashPauses
  readonly metrics: WriterMetrics
  /** Commit queue of the job's version. */
  readonly commitQueue: JobQueue
}
