import { assert, sha256Hex, type StructType } from '@silt/core'
import type {
  Action,
  DomainMetadata,
  LogEntry,
  Metadata,
  Protocol,
  AddAction,
  RemoveAction,
  TxnAction,
} from '../actions/action.ts'
import { entryText } from '../actions/entry-body.ts'
import type { FileSet } from '../files/file-set.ts'
import { tallyAfter, type FileTally } from '../checksum/tally.ts'
import { parseSchema } from '../schema/parse-schema.ts'

/**
 * All a writer or committer needs of one version of a table; no file list, so its size does not grow with the table (lesson 15).
 *
 * 1. `schema` is `metadata.schemaString`, parsed.
 * 2. `txns` holds the newest version of every application id.
 * 3. `domains` holds the newest configuration of every domain that was not removed.
 */
export interface TableState {
  readonly version: number
  readonly protocol: Protocol
  readonly metadata: Metadata
  readonly schema: StructType
  readonly txns: ReadonlyMap<string, number>
  readonly domains: ReadonlyMap<string, DomainMetadata>
  /** `inCommitTimestamp` of `version`'s commit, ms since the Unix epoch; absent where it has none or is gone. */
  readonly inCommitTimestampMs?: number
  /** `lastUpdated` of the `txn`s that have one, ms since the Unix epoch; absent where none has. */
  readonly txnTimes?: ReadonlyMap<string, number>
  /** Live files and bytes, where version checksums or the commits themselves tell them without the file list. */
  readonly tally?: FileTally
  /** In what the version's checksum differs from the log, found when the state was loaded: the table may be damaged (§ State Validation). */
  readonly checksumProblems?: readonly string[]
  /** Checkpoints that could not be read when the state was loaded, by their first keys: it comes from older ones and from commits. */
  readonly unreadableCheckpoints?: readonly string[]
  /** Newest checkpoint this state knows of. */
  readonly checkpointVersion?: number
  /** SHA-256 of the actions of `version`'s commit: proof that a log read later is the same log (I8a). Absent where the commit is gone. */
  readonly commitDigest?: string
}

/** A whole version of a table: its file lists are columns, some hundred bytes a file. */
export interface Snapshot extends TableState {
  /** Live files. */
  readonly files: FileSet<AddAction>
  /** Tombstones; expired ones may be among them. A path may be in both, with different deletion vectors. */
  readonly removes: FileSet<RemoveAction>
}

/** Pure replay of one commit (Delta PROTOCOL § Action Reconciliation); `entry` must be the version after `state`'s. */
export function applyActions(state: TableState, entry: LogEntry): TableState {
  assert(entry.version === state.version + 1, `version ${entry.version} does not follow ${state.version}`)
  let { protocol, metadata, schema } = state
  const txns = new Map(state.txns)
  let { txnTimes } = state
  let { domains } = state
  let inCommitTimestampMs: number | undefined
  for (const action of entry.actions) {
    if ('protocol' in action) protocol = action.protocol
    else if ('metaData' in action) metadata = action.metaData
    else if ('txn' in action) {
      txns.set(action.txn.appId, action.txn.version)
      txnTimes = withTxnTime(txnTimes, action.txn)
    } else if ('domainMetadata' in action) domains = withDomain(domains, action.domainMetadata)
    else if ('commitInfo' in action) inCommitTimestampMs = action.commitInfo.inCommitTimestamp
  }
  if (metadata.schemaString !== state.metadata.schemaString) schema = parseSchema(metadata.schemaString)
  const kept = state.checkpointVersion === undefined ? {} : { checkpointVersion: state.checkpointVersion }
  const commitDigest = entryDigest(entry.actions)
  const tally = tallyAfter(state.tally, entry.actions)
  const clock = inCommitTimestampMs === undefined ? {} : { inCommitTimestampMs }
  return Object.freeze({
    version: entry.version,
    protocol,
    metadata,
    schema,
    txns,
    domains,
    commitDigest,
    ...clock,
    ...kept,
    ...(txnTimes === undefined ? {} : { txnTimes }),
    ...(tally === undefined ? {} : { tally }),
  })
}

/** The times of `txn`s once one more was set; the same map where nothing changes. */
function withTxnTime(
  times: ReadonlyMap<string, number> | undefined,
  { appId, lastUpdated }: TxnAction,
): ReadonlyMap<string, number> | undefined {
  if (times?.get(appId) === lastUpdated) return times
  const next = new Map(times)
  if (lastUpdated === undefined) next.delete(appId)
  else next.set(appId, lastUpdated)
  return next.size === 0 ? undefined : next
}

function withDomain(
  domains: ReadonlyMap<string, DomainMetadata>,
  action: DomainMetadata,
): ReadonlyMap<string, DomainMetadata> {
  const next = new Map(domains)
  if (action.removed) next.delete(action.domain)
  else next.set(action.domain, action)
  return next
}

/** The state with the checkpoint of `version` known to exist; never lowers what is known. */
export function withCheckpoint(state: TableState, version: number): TableState {
  return Object.freeze({ ...state, checkpointVersion: Math.max(version, state.checkpointVersion ?? version) })
}

/** The state with what was counted elsewhere of the files of its version. */
export function withTally(state: TableState, tally: FileTally): TableState {
  return Object.freeze({ ...state, tally })
}

/** Equal for equal actions, however the file spelled them. */
export function entryDigest(actions: readonly Action[]): string {
  return sha256Hex(entryText(actions))
}
