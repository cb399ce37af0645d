import type { Settings } from '@silt/config'
import { deadLetterTablePath, eventDateField } from '@silt/contracts'
import { defaultTuning, workerCheckpointer, type Checkpointer, type CommitterOptions } from '@silt/committer'
import type { S3Settings } from '@silt/object-store'
import { readsBack, s3Settings } from '../table/open-table.ts'
import type { IdentityDeps } from './identities.ts'

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
export function openCheckpointer(settings: Settings, deps: IdentityDeps): Checkpointer {
  const main = settings.DELTA_TABLE_PATH
  return workerCheckpointer({
    locations: { main, 'dead-letters': deadLetterTablePath(main) },
    s3: main.startsWith('s3://') ? plainS3(s3Settings(settings, deps)) : s3Settings(settings, deps),
  })
}

/** Credentials as they are at the moment: a thread is given data, and lives no longer than they do. */
function plainS3(s3: S3Settings): () => Promise<S3Settings> {
  const { credentials } = s3
  return async () => ({ ...s3, credentials: typeof credentials === 'function' ? await credentials() : credentials })
}
