import type { Settings } from '@silt/config'
import { deadLetterTablePath, eventDateField } from '@silt/contracts'
import { defaultTuning, workerCheckpointer, type Checkpointer, type CommitterOptions } from '@silt/committer'
import { readsBack, s3Settings } from '../table/open-table.ts'

export function committerOptions(settings: Settings, label: string): CommitterOptions {
  return {
    label,
    readBack: readsBack(settings),
    commitIntervalMinMs: settings.COMMIT_INTERVAL_MIN_MS,
    heldUnitDeadlineMs: settings.HELD_UNIT_DEADLINE_MS,
    jobsHeldMax: settings.COMMIT_JOBS_HELD_MAX,
    leaseMs: settings.LEASE_MS,
    shutdownDeadlineMs: settings.SHUTDOWN_DEADLINE_MS,
    columnsMax: settings.MAX_COLUMNS,
    partitionColumns: settings.PARTITION_BY === undefined ? [] : [eventDateField.name],
    tuning: defaultTuning,
  }
}

/** Checkpoints in worker threads that open the two tables themselves. */
export function openCheckpointer(settings: Settings): Checkpointer {
  const main = settings.DELTA_TABLE_PATH
  return workerCheckpointer({
    locations: { main, 'dead-letters': deadLetterTablePath(main) },
    s3: s3Settings(settings),
  })
}
