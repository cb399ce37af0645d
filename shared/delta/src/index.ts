export type {
  Action,
  AddAction,
  CdcAction,
  CheckpointMetadata,
  CommitInfo,
  DeletionVector,
  DomainMetadata,
  JsonObject,
  LogEntry,
  Metadata,
  Protocol,
  RemoveAction,
  Sidecar,
  TxnAction,
} from './actions/action.ts'
export { commitInfo, commitInfoOf, type CommitInfoSpec } from './actions/commit-info.ts'
export { decodePath, encodePath } from './actions/path.ts'
export { checkpointDue } from './checkpoint/checkpoint-due.ts'
export { writeCheckpoint, type CheckpointOutcome } from './checkpoint/write-checkpoint.ts'
export { commitBytesMax, commitEntry, type CommitOutcome, type CommitSpec } from './log/commit.ts'
export { entryFacts, type EntryFacts, type EntryKind } from './log/entry-facts.ts'
export { commitKey } from './log/file-names.ts'
export { followLog, proveNewest, readEntry } from './log/tail.ts'
export { requireReadable, requireSameTable, requireWritable } from './protocol/negotiation.ts'
export { mergeSchema, type SchemaMerge } from './schema/merge-schema.ts'
export { parseSchema, schemaToString } from './schema/parse-schema.ts'
export { loadSnapshot } from './snapshot/load-snapshot.ts'
export { loadState } from './snapshot/load-state.ts'
export { applyActions, withCheckpoint, type Snapshot, type TableState } from './snapshot/table-state.ts'
export { checkTable, type CheckFinding, type TableCheck } from './table/check.ts'
export { newTableActions, type NewTable } from './table/create.ts'
export { history, type HistoryEntry } from './table/history.ts'
export { checkpointInterval, deletedFileRetentionMs } from './table/properties.ts'
