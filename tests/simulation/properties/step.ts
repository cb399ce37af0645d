import { parseCommitRecord, type CommitRecord } from '@silt/contracts'
import { isSiltError } from '@silt/core'
import {
  commitInfoOf,
  commitKey,
  decodeEntry,
  entryFacts,
  type Action,
  type AddAction,
  type EntryKind,
  type Metadata,
  type Protocol,
} from '@silt/delta'
import type { History, LandedEntry } from '../history.ts'
import type { SimParquet } from '../sim-parquet.ts'
import { newFiles, type NewFile } from './data-files.ts'
import type { Report } from './report.ts'

type CommitInfo = NonNullable<ReturnType<typeof commitInfoOf>>
type RemoveAction = Extract<Action, { readonly remove: unknown }>['remove']
type TxnAction = Extract<Action, { readonly txn: unknown }>['txn']

/** One landed entry, read once for all invariants. */
export interface Step {
  readonly entry: LandedEntry
  /** How many entries had landed before, of both tables. */
  readonly landedBefore: number
  readonly info: CommitInfo | undefined
  /** `commitInfo.silt`; only a main commit of Silt has one. */
  readonly record: CommitRecord | undefined
  readonly isSilts: boolean
  readonly kind: EntryKind
  readonly adds: readonly AddAction[]
  /** Of `adds`, then those the record names. */
  readonly files: readonly NewFile[]
  readonly removes: readonly RemoveAction[]
  readonly txns: readonly TxnAction[]
  readonly metaData: Metadata | undefined
  readonly protocol: Protocol | undefined
}

/** Undefined, and reported as `log-malformed`, where the product's own parsers refuse the entry. */
export function readStep(
  run: { readonly history: History; readonly parquet: SimParquet },
  entry: LandedEntry,
  landedBefore: number,
  report: Report,
): Step | undefined {
  try {
    return stepOf(run, entry, landedBefore)
  } catch (error) {
    if (!isSiltError(error)) throw error
    report('log-malformed', `${entry.table} version ${entry.version} by ${entry.by}: ${error.message}`)
    return undefined
  }
}

function stepOf(
  run: { readonly history: History; readonly parquet: SimParquet },
  entry: LandedEntry,
  landedBefore: number,
): Step {
  const actions = decodeEntry(commitKey(entry.version), entry.body)
  const info = commitInfoOf(actions)
  const adds: AddAction[] = []
  const removes: RemoveAction[] = []
  const txns: TxnAction[] = []
  let metaData: Metadata | undefined
  let protocol: Protocol | undefined
  for (const action of actions) {
    if ('add' in action) adds.push(action.add)
    else if ('remove' in action) removes.push(action.remove)
    else if ('txn' in action) txns.push(action.txn)
    else if ('metaData' in action) metaData = action.metaData
    else if ('protocol' in action) protocol = action.protocol
  }
  const record = parseCommitRecord(info?.silt)
  const isSilts = info?.engineInfo?.startsWith('silt/') === true
  return {
    entry,
    landedBefore,
    info,
    record,
    isSilts,
    files: newFiles(run, { table: entry.table, isSilts, adds, record }),
    kind: entryFacts({ version: entry.version, actions }).kind,
    adds,
    removes,
    txns,
    metaData,
    protocol,
  }
}
