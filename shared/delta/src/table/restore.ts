import { SiltError } from '@silt/core'
import type { Action, AddAction, Metadata } from '../actions/action.ts'
import { fileKey } from '../actions/file-key.ts'
import { impliedWriterFeatures } from '../protocol/supports-feature.ts'
import type { Snapshot } from '../snapshot/table-state.ts'

/** A RESTORE, ready to be committed. */
export interface Restore {
  /** Beside the provenance; empty where the table is as it was then. */
  readonly actions: readonly Action[]
  /** Live at `target` and not now: they must still be there. */
  readonly returning: readonly AddAction[]
  readonly removedFiles: number
  readonly removedBytes: number
}

/**
 * What makes the rows and columns of `current` those of `target`, an older version of the same table. Files come and go, schema and properties go back, and
 * with them the columns it is clustered by; `txn`s, other domains and the protocol stay, and so does what must not go back: ids given to columns, row ids, the clock of commits, whose table it is.
 * Errors: `table/restore-refused` (unsupported): another table, a feature that was dropped since, a column mapping that was switched since.
 */
export function planRestore(current: Snapshot, target: Snapshot, nowMs: number): Restore {
  requireRestorable(current, target)
  const actions: Action[] = []
  const returning: AddAction[] = []
  let removedFiles = 0
  let removedBytes = 0
  for (const add of current.files.values()) {
    if (isLive(target, add)) continue
    removedFiles++
    removedBytes += add.size
    actions.push(removal(add, nowMs))
  }
  for (const add of target.files.values()) {
    if (isLive(current, add)) continue
    returning.push(add)
    actions.push({ add: { ...add, dataChange: true } })
  }
  const metadata = restoredMetadata(current.metadata, target.metadata)
  if (metadata !== undefined) actions.push({ metaData: metadata })
  actions.push(...restoredClustering(current, target))
  return { actions, returning, removedFiles, removedBytes }
}

function isLive(snapshot: Snapshot, add: AddAction): boolean {
  const found = snapshot.files.get(add.path)
  return found !== undefined && fileKey(found) === fileKey(add)
}

function removal(add: AddAction, nowMs: number): Action {
  const { path, partitionValues, size, stats, tags, deletionVector, baseRowId, defaultRowCommitVersion } = add
  return {
    remove: {
      path,
      deletionTimestamp: nowMs,
      dataChange: true,
      extendedFileMetadata: true,
      partitionValues,
      size,
      ...(stats === undefined ? {} : { stats }),
      ...(tags === undefined ? {} : { tags }),
      ...(deletionVector === undefined ? {} : { deletionVector }),
      ...(baseRowId === undefined ? {} : { baseRowId }),
      ...(defaultRowCommitVersion === undefined ? {} : { defaultRowCommitVersion }),
    },
  }
}

/** Properties that say what has been, not what is wished for. */
const kept =
  /^(silt\.|delta\.(enableInCommitTimestamps$|inCommitTimestamp|enableRowTracking$|rowTracking|columnMapping\.))/

/** Undefined where it stays as it is. */
function restoredMetadata(current: Metadata, target: Metadata): Metadata | undefined {
  const keeps = Object.entries(current.configuration).filter(([key]) => kept.test(key))
  const returns = Object.entries(target.configuration).filter(([key]) => !kept.test(key))
  const configuration = Object.fromEntries([...returns, ...keeps])
  const isSame =
    current.schemaString === target.schemaString &&
    String(current.partitionColumns) === String(target.partitionColumns) &&
    Object.keys(configuration).length === Object.keys(current.configuration).length &&
    Object.entries(configuration).every(([key, value]) => current.configuration[key] === value)
  return isSame
    ? undefined
    : { ...current, schemaString: target.schemaString, partitionColumns: target.partitionColumns, configuration }
}

const clusteringDomain = 'delta.clustering'

/** The domain names columns: those of the newer schema may not be in the older one. */
function restoredClustering({ domains: now }: Snapshot, { domains: then }: Snapshot): readonly Action[] {
  const [current, target] = [now.get(clusteringDomain), then.get(clusteringDomain)]
  if (current?.configuration === target?.configuration) return []
  if (target !== undefined) return [{ domainMetadata: target }]
  return current === undefined ? [] : [{ domainMetadata: { ...current, removed: true } }]
}

function requireRestorable(current: Snapshot, target: Snapshot): void {
  if (current.metadata.id !== target.metadata.id)
    throw refused(`version ${target.version} is of another table (${target.metadata.id}), which this one replaced`)
  const has = new Set(featuresOf(current))
  const dropped = featuresOf(target).filter((name) => !has.has(name))
  if (dropped.length > 0)
    throw refused(`version ${target.version} uses ${dropped.join(', ')}, which the table has dropped since`)
  const [now, then] = [modeOf(current), modeOf(target)]
  if (now !== then) throw refused(`delta.columnMapping.mode was ${then} in version ${target.version} and is ${now} now`)
}

function featuresOf({ protocol }: Snapshot): readonly string[] {
  const { minWriterVersion, readerFeatures = [], writerFeatures } = protocol
  return [...(writerFeatures ?? impliedWriterFeatures(minWriterVersion)), ...readerFeatures]
}

function modeOf({ metadata }: Snapshot): string {
  return metadata.configuration['delta.columnMapping.mode']?.toLowerCase() ?? 'none'
}

function refused(problem: string): SiltError {
  const message = `${problem}; nothing was written. A later version may be restored`
  return new SiltError('unsupported', 'table/restore-refused', message)
}
