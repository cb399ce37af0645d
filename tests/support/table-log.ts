import { parseUnitTags } from '@silt/contracts'
import { readEntry } from '@silt/delta'
import type { Deployment } from './deployment.ts'
import { tableStore } from './table-store.ts'

export interface LoggedFile {
  readonly rows: number
  /** Whether it holds the last committed offsets of a partition. */
  readonly ends: readonly { readonly partition: number; readonly endExclusive: number }[]
}

export interface LoggedVersion {
  readonly version: number
  /** When its commit was built, ms. */
  readonly builtAtMs: number
  readonly files: readonly LoggedFile[]
}

/** Every commit of a table from its log, oldest first. */
export async function readTableLog(target: Deployment): Promise<LoggedVersion[]> {
  const store = tableStore(target)
  try {
    const versions: LoggedVersion[] = []
    for (;;) {
      const entry = await readEntry(store, versions.length)
      if (entry === undefined) return versions
      const builtAtMs = entry.actions.flatMap((action) =>
        'commitInfo' in action && typeof action.commitInfo.timestamp === 'number' ? [action.commitInfo.timestamp] : [],
      )
      const files = entry.actions.flatMap((action): LoggedFile[] => {
        if (!('add' in action)) return []
        const { numRecords } = JSON.parse(action.add.stats ?? '{}') as { readonly numRecords?: number }
        return [{ rows: numRecords ?? 0, ends: parseUnitTags(action.add.tags)?.ranges ?? [] }]
      })
      versions.push({ version: entry.version, builtAtMs: builtAtMs[0] ?? 0, files })
    }
  } finally {
    await store.close()
  }
}
