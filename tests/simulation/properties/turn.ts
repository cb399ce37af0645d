import { parsePartitionAppId, type PartitionKey } from '@silt/contracts'
import type { StructType } from '@silt/core'
import { parseSchema, type Metadata, type Protocol } from '@silt/delta'
import type { History } from '../history.ts'
import type { SimParquet } from '../sim-parquet.ts'
import type { Report } from './report.ts'
import type { Step } from './step.ts'

/** Looks at one version of one table, in the order of landing; may keep what it has seen. */
export type Invariant = (turn: Turn, report: Report) => void

/** A landed entry between the versions before and after it. */
export interface Turn {
  readonly history: History
  readonly parquet: SimParquet
  readonly step: Step
  readonly before: TableView
  readonly after: TableView
  /** The other of the two tables at that moment. */
  readonly other: TableView
  /** What became of partitions' next offsets: `txn silt:…` that were set. */
  readonly moves: readonly Move[]
  /** For people: which version, by whom. */
  readonly where: string
}

/** A table as its log says at one version; only what the invariants ask for. */
export interface TableView {
  readonly version: number
  readonly txns: ReadonlyMap<string, number>
  readonly metadata: Metadata | undefined
  readonly schema: StructType | undefined
  readonly protocol: Protocol | undefined
}

export interface Move {
  readonly appId: string
  readonly key: PartitionKey
  /** Undefined where the table has not seen the partition before. */
  readonly from: number | undefined
  readonly to: number
}

export const emptyTable: TableView = {
  version: -1,
  txns: new Map(),
  metadata: undefined,
  schema: undefined,
  protocol: undefined,
}

export function viewAfter(before: TableView, step: Step): TableView {
  const { metaData, txns } = step
  const isSameSchema = metaData === undefined || metaData.schemaString === before.metadata?.schemaString
  return {
    version: step.entry.version,
    txns: txns.length === 0 ? before.txns : new Map([...before.txns, ...txns.map(txnEntry)]),
    metadata: metaData ?? before.metadata,
    schema: isSameSchema ? before.schema : parseSchema(metaData.schemaString),
    protocol: step.protocol ?? before.protocol,
  }
}

export function movesOf(before: TableView, step: Step): readonly Move[] {
  const moves: Move[] = []
  for (const { appId, version } of step.txns) {
    const parsed = parsePartitionAppId(appId)
    if (parsed?.counter === 'silt') moves.push({ appId, key: parsed.key, from: before.txns.get(appId), to: version })
  }
  return moves
}

/** `topicId:partition`, as people and the world's `stopped` name one partition of one topic id. */
export function partitionName(topicId: string | null, partition: number): string {
  return `${topicId ?? ''}:${partition}`
}

function txnEntry(txn: { readonly appId: string; readonly version: number }): readonly [string, number] {
  return [txn.appId, txn.version]
}
