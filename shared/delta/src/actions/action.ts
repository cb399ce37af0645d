import type { AddFile, Json } from '@silt/core'

/** Delta PROTOCOL § Actions. One key each, as in the log; field names keep the spec's spelling. Unknown fields are kept. */
export type Action =
  | { readonly protocol: Protocol }
  | { readonly metaData: Metadata }
  | { readonly add: AddAction }
  | { readonly remove: RemoveAction }
  | { readonly txn: TxnAction }
  | { readonly commitInfo: CommitInfo }
  | { readonly cdc: CdcAction }
  | { readonly domainMetadata: DomainMetadata }
  | { readonly checkpointMetadata: CheckpointMetadata }
  | { readonly sidecar: Sidecar }
  | { readonly unknown: JsonObject }

/** A JSON object as the log has it. */
export interface JsonObject {
  readonly [key: string]: Json
}

/** One version of the log: the actions of `<version>.json`, in the file's order. */
export interface LogEntry {
  readonly version: number
  readonly actions: readonly Action[]
}

/** § Protocol Evolution. Feature lists exist exactly at reader version 3 and writer version 7. */
export interface Protocol {
  readonly minReaderVersion: number
  readonly minWriterVersion: number
  readonly readerFeatures?: readonly string[]
  readonly writerFeatures?: readonly string[]
}

/** § Change Metadata. */
export interface Metadata {
  readonly id: string
  readonly name?: string
  readonly description?: string
  readonly format: { readonly provider: string; readonly options?: Readonly<Record<string, string>> }
  readonly schemaString: string
  readonly partitionColumns: readonly string[]
  readonly configuration: Readonly<Record<string, string>>
  readonly createdTime?: number
}

/** § Deletion Vector Descriptor Schema. */
export interface DeletionVector {
  readonly storageType: string
  readonly pathOrInlineDv: string
  readonly offset?: number
  readonly sizeInBytes: number
  readonly cardinality: number
}

/** § Add File: what Silt writes, plus what other writers may set. */
export interface AddAction extends AddFile {
  readonly deletionVector?: DeletionVector
  readonly baseRowId?: number
  readonly defaultRowCommitVersion?: number
  readonly clusteringProvider?: string
}

/** § Remove File. */
export interface RemoveAction {
  readonly path: string
  readonly deletionTimestamp?: number
  readonly dataChange: boolean
  readonly extendedFileMetadata?: boolean
  readonly partitionValues?: Readonly<Record<string, string | null>>
  readonly size?: number
  readonly stats?: string
  readonly tags?: Readonly<Record<string, string>>
  readonly deletionVector?: DeletionVector
  readonly baseRowId?: number
  readonly defaultRowCommitVersion?: number
}

/** § Transaction Identifiers. Silt's own carry no `lastUpdated`: other engines expire those that do (I8). */
export interface TxnAction {
  readonly appId: string
  readonly version: number
  readonly lastUpdated?: number
}

/** § Commit Provenance Information. `txnId` is the token that tells whose commit landed (I6). */
export interface CommitInfo {
  /** ms since the Unix epoch. */
  readonly timestamp?: number
  readonly operation?: string
  readonly operationParameters?: JsonObject
  readonly operationMetrics?: JsonObject
  readonly engineInfo?: string
  readonly isBlindAppend?: boolean
  readonly readVersion?: number
  readonly inCommitTimestamp?: number
  readonly txnId?: string
  readonly tags?: Readonly<Record<string, string>>
  /** Silt's record of the commit; opaque here. */
  readonly silt?: Json
}

/** § Add CDC File. */
export interface CdcAction {
  readonly path: string
  readonly partitionValues: Readonly<Record<string, string | null>>
  readonly size: number
  readonly dataChange: boolean
  readonly tags?: Readonly<Record<string, string>>
}

/** § Domain Metadata. */
export interface DomainMetadata {
  readonly domain: string
  readonly configuration: string
  readonly removed: boolean
}

/** § Checkpoint Metadata (V2 checkpoints only). */
export interface CheckpointMetadata {
  readonly version: number
  readonly tags?: Readonly<Record<string, string>>
}

/** § Sidecar File Information (V2 checkpoints only). */
export interface Sidecar {
  readonly path: string
  readonly sizeInBytes: number
  readonly modificationTime: number
  readonly tags?: Readonly<Record<string, string>>
}
