import type { Settings } from '@silt/config'
import { eventDateField } from '@silt/contracts'
import type { Clock, Random } from '@silt/core'
import { defaultTuning, type Checkpointer, type CommitterOptions } from '@silt/committer'
import { writeCheckpoint } from '@silt/delta'
import { ArrowParquetWriter, HyparquetReader } from '@silt/parquet'
import { readsBack, type OpenTable } from '../table/open-table.ts'

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

export function openCheckpointer(
  _settings: Settings,
  table: OpenTable,
  _deps: { readonly clock: Clock; readonly random: Random },
): Checkpointer {
  return {
    write: async (which, version) => {
      await writeCheckpoint(
        which === 'main' ? table.store : table.deadLetterStore,
        new HyparquetReader(),
        new ArrowParquetWriter(),
        version,
      )
    },
    close: () => Promise.resolve(),
  }
}
