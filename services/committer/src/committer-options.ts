import type { BackoffPolicy } from '@silt/core'

/** Limits and times of a committer; each bound says its unit. */
export interface CommitterOptions {
  /** Metric label, lease and queue name part: the table's last path segment. */
  readonly label: string
  /** COMMIT_READ_BACK (I11). */
  readonly readBack: boolean
  /** COMMIT_INTERVAL_MIN_MS. */
  readonly commitIntervalMinMs: number
  /** HELD_UNIT_DEADLINE_MS. */
  readonly heldUnitDeadlineMs: number
  /** COMMIT_JOBS_HELD_MAX, per queue. */
  readonly jobsHeldMax: number
  /** LEASE_MS. */
  readonly leaseMs: number
  /** SHUTDOWN_DEADLINE_MS. */
  readonly shutdownDeadlineMs: number
  /** MAX_COLUMNS. */
  readonly columnsMax: number
  /** `event_date` where PARTITION_BY asks for it. */
  readonly partitionColumns: readonly string[]
  readonly tuning: CommitterTuning
}

/** Values no setting exists for. */
export interface CommitterTuning {
  /** Proof that the base of a commit is the newest version lasts this long (I8a). */
  readonly baseProofMaxMs: number
  readonly groupActionsMax: number
  readonly groupBytesMax: number
  /** Units ahead of a gap make the log be read on this often: an operator may have moved `txn`. */
  readonly logRefreshMs: number
  /** The log is read on this often while nothing is to be done. */
  readonly idlePollMs: number
  /** A parked or stopped table is looked at again this often. */
  readonly parkedPollMs: number
  /** A paused table is looked at again this often. */
  readonly pausedPollMs: number
  /** Versions read backwards at start to see whether the table is parked. */
  readonly lookBackVersionsMax: number
  readonly projectionAttemptsMax: number
  readonly checkpointRetryMs: number
  readonly backoff: BackoffPolicy
}

export const defaultTuning: CommitterTuning = Object.freeze({
  baseProofMaxMs: 60_000,
  groupActionsMax: 20_000,
  groupBytesMax: 16 * 1024 * 1024,
  logRefreshMs: 1000,
  idlePollMs: 25_000,
  parkedPollMs: 5000,
  pausedPollMs: 2000,
  lookBackVersionsMax: 10_000,
  projectionAttemptsMax: 5,
  checkpointRetryMs: 60_000,
  backoff: Object.freeze({ firstMs: 100, maxMs: 5000, attemptsMax: Number.MAX_SAFE_INTEGER }),
})
