export type {
  Action,
  AddAction,
  CommitInfo,
  DeletionVector,
  DomainMetadata,
  LogEntry,
  Metadata,
  Protocol,
  RemoveAction,
  TxnAction,
} from './actions/action.ts'
export { commitInfo, commitInfoOf, type CommitInfoSpec } from './actions/commit-info.ts'
export { decodeEntry, encodeEntry } from './actions/entry-body.ts'
export { decodePath, encodePath, isAbsolutePath, partitionFolder } from './actions/path.ts'
export { TallyTrail, type FileTally } from './checksum/tally.ts'
export { checksumOf, writeChecksum, type VersionChecksum } from './checksum/version-checksum.ts'
export { checkpointDue } from './checkpoint/checkpoint-due.ts'
export { writeCheckpoint, type CheckpointOutcome } from './checkpoint/write-checkpoint.ts'
export { readDeletionVector, deletionVectorKey, type ObjectPlace } from './deletion-vectors/read-deletion-vector.ts'
export type { DeletedRows } from './deletion-vectors/roaring.ts'
export { cleanLog, type CleanupOptions, type CleanupOutcome } from './cleanup/clean-log.ts'
export {
  conflictWith,
  worstVerdict,
  type CommitIntent,
  type ConflictVerdict,
  type Rebuilt,
} from './conflict/conflict.ts'
export { noTable } from './errors.ts'
export type { FileSet } from './files/file-set.ts'
export { commitEntry, type CommitOutcome, type CommitSpec } from './log/commit.ts'
export { entryFacts, type EntryFacts, type EntryKind } from './log/entry-facts.ts'
export { commitKey } from './log/file-names.ts'
export { lookBegan } from './log/look-began.ts'
export { entriesDown, followLog, proveNewest, readEntry } from './log/tail.ts'
export { completeCommit } from './protocol/complete-commit.ts'
export { requireReadable, requireSameTable, requireWritable } from './protocol/negotiation.ts'
export { mergeSchema } from './schema/merge-schema.ts'
export { parseSchema, schemaToString } from './schema/parse-schema.ts'
export { columnMappingOf, layoutDigest, partitionKeys, tableLayout } from './schema/table-layout.ts'
export { followedTable, type FollowedTable } from './snapshot/followed-table.ts'
export { countFiles, type FileCounts } from './snapshot/count-files.ts'
export { loadSnapshot } from './snapshot/load-snapshot.ts'
export { refreshSnapshot } from './snapshot/refresh-snapshot.ts'
export { loadState } from './snapshot/load-state.ts'
export { applyActions, withCheckpoint, withTally, type Snapshot, type TableState } from './snapshot/table-state.ts'
export { checkTable, type TableCheck } from './table/check.ts'
export type { FileCheckOptions } from './table/check-files.ts'
export type { CheckFinding } from './table/check-finding.ts'
export { newTableActions, type NewTable } from './table/create.ts'
export { history, type HistoryEntry } from './table/history.ts'
export { planRestore, type Restore } from './table/restore.ts'
export { deletedFileRetentionMs } from './table/properties.ts'
