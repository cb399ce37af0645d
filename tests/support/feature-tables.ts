import { eventTableSchema } from '@silt/contracts'
import {
  field,
  struct,
  systemClock,
  type AddFile,
  type ObjectStore,
  type PrimitiveType,
  type StructType,
} from '@silt/core'
import { commitEntry, commitInfo, completeCommit, newTableActions, requireWritable } from '@silt/delta'
import { judgeRowRules } from '@silt/rows'
import { appendEvents, commitUnit, stateOf, unitOf } from './append-events.ts'

/** A table that uses one feature, or several that meet in the same bytes. */
export interface FeatureTable {
  readonly name: string
  readonly configuration?: Readonly<Record<string, string>>
  readonly partitionColumns?: readonly string[]
  readonly clusterColumns?: readonly string[]
  /** By column. */
  readonly metadata?: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Columns beside those of every table. */
  readonly columns?: Readonly<Record<string, PrimitiveType>>
}

const values: Readonly<Record<string, PrimitiveType>> = {
  text: 'string',
  big: 'long',
  small: 'short',
  tiny: 'byte',
  whole: 'integer',
  real: 'double',
  single: 'float',
  flag: 'boolean',
  day: 'date',
  amount: 'decimal(12,2)',
}

export const featureTables: readonly FeatureTable[] = [
  { name: 'plain' },
  { name: 'append-only', configuration: { 'delta.appendOnly': 'true' } },
  { name: 'change-data-feed', configuration: { 'delta.enableChangeDataFeed': 'true' } },
  { name: 'mapped-by-name', configuration: { 'delta.columnMapping.mode': 'name' } },
  { name: 'mapped-by-id', configuration: { 'delta.columnMapping.mode': 'id' } },
  {
    name: 'mapped-and-partitioned',
    configuration: { 'delta.columnMapping.mode': 'name' },
    partitionColumns: ['text', 'day'],
  },
  { name: 'partitioned', partitionColumns: ['text', 'big', 'flag', 'day', 'amount', 'real'] },
  { name: 'zoneless', columns: { local: 'timestamp_ntz' } },
  { name: 'partitioned-by-zoneless', columns: { local: 'timestamp_ntz' }, partitionColumns: ['local'] },
  { name: 'few-statistics', configuration: { 'delta.dataSkippingNumIndexedCols': '2' } },
  { name: 'named-statistics', configuration: { 'delta.dataSkippingStatsColumns': 'big, `text`' } },
  { name: 'in-commit-timestamps', configuration: { 'delta.enableInCommitTimestamps': 'true' } },
  { name: 'row-tracking', configuration: { 'delta.enableRowTracking': 'true' } },
  { name: 'deletion-vectors', configuration: { 'delta.enableDeletionVectors': 'true' } },
  { name: 'v2-checkpoint', configuration: { 'delta.checkpointPolicy': 'v2' } },
  { name: 'type-widening', configuration: { 'delta.enableTypeWidening': 'true' } },
  {
    name: 'clustered',
    clusterColumns: ['big', 'client_version'],
    configuration: { 'delta.dataSkippingNumIndexedCols': '1' },
  },
  { name: 'check-constraint', configuration: { 'delta.constraints.positive': 'big > 0' } },
  { name: 'invariant', metadata: { big: { 'delta.invariants': '{"expression":{"expression":"big > 0"}}' } } },
  {
    name: 'generated-partition',
    columns: { month: 'string' },
    partitionColumns: ['month'],
    metadata: { month: { 'delta.generationExpression': "date_format(timestamp, 'yyyy-MM')" } },
  },
  { name: 'column-default', columns: { origin: 'string' }, metadata: { origin: { CURRENT_DEFAULT: "'somewhere'" } } },
  { name: 'vacuum-protocol-check', configuration: { 'delta.feature.vacuumProtocolCheck': 'supported' } },
  { name: 'domain-metadata', configuration: { 'delta.feature.domainMetadata': 'supported' } },
  {
    name: 'many',
    configuration: {
      'delta.columnMapping.mode': 'id',
      'delta.enableInCommitTimestamps': 'true',
      'delta.enableRowTracking': 'true',
      'delta.enableDeletionVectors': 'true',
      'delta.enableChangeDataFeed': 'true',
    },
    columns: { local: 'timestamp_ntz' },
    clusterColumns: ['big'],
  },
]

export type Event = Readonly<Record<string, unknown>>

/** Rows of the first unit and of the second, which brings a column of its own. */
function eventsOf(table: FeatureTable): readonly (readonly Event[])[] {
  const all = Array.from({ length: 7 }, (_, row) => ({
    timestamp: `2026-0${1 + (row % 3)}-0${row + 1}T04:05:06.78912${row}Z`,
    user_id: `user-${row}`,
    client_version: `1.${row}`,
    text: row === 3 ? null : ['a', 'b c/d=e%:', 'ü'.repeat(40)][row % 3],
    big: row + 1,
    small: row - 3,
    tiny: -row,
    whole: row * 1000,
    real: row / 4,
    single: row / 2,
    flag: row % 2 === 0,
    day: `2026-02-0${1 + (row % 2)}`,
    amount: row + 0.25,
    ...(table.columns?.['local'] === undefined ? {} : { local: `2026-03-0${1 + (row % 2)}T01:02:03.000456Z` }),
    ...(row < 4 ? {} : { fresh: `new-${row}` }),
  }))
  return [all.slice(0, 4), all.slice(4)]
}

/** What of the rows is to be read, by column: what the events say, and what the table itself adds. */
export function expectedRows(table: FeatureTable): readonly Event[] {
  return eventsOf(table)
    .flat()
    .map((event) => ({
      ...event,
      ...(table.columns?.['month'] === undefined ? {} : { month: String(event['timestamp']).slice(0, 7) }),
      ...(table.columns?.['origin'] === undefined ? {} : { origin: 'somewhere' }),
    }))
}

/** Makes the table as version 0 and appends two units; answers the adds as the log has them. */
export async function makeFeatureTable(store: ObjectStore, table: FeatureTable): Promise<readonly AddFile[]> {
  await createFeatureTable(store, table)
  const [first = [], second = []] = eventsOf(table).map((unit) => unit.map((event) => JSON.stringify(event)))
  const { after, job } = await appendEvents(store, first)
  const next = await unitOf(store, after, second)
  await commitUnit(store, after, next)
  return [...job.adds, ...next.adds]
}

async function createFeatureTable(store: ObjectStore, table: FeatureTable): Promise<void> {
  const token = 'made'
  const wallMs = systemClock.nowMs()
  const made = newTableActions({
    id: '5a1e3f0c-9b7d-4c60-8a52-1d0e4f6b7c8d',
    schema: schemaOf(table),
    partitionColumns: table.partitionColumns ?? [],
    clusterColumns: table.clusterColumns ?? [],
    configuration: table.configuration ?? {},
    createdMs: wallMs,
  })
  const info = commitInfo({ timestampMs: wallMs, operation: 'CREATE TABLE', engineInfo: 'silt/test', token })
  const actions = completeCommit(undefined, [info, ...made], wallMs)
  await commitEntry(store, { version: 0, actions, token, readBack: false })
  requireWritable(await stateOf(store), judgeRowRules)
}

function schemaOf({ columns = {}, metadata = {} }: FeatureTable): StructType {
  const own = Object.entries({ ...values, ...columns }).map(([name, type]) => field(name, type))
  const fields = [...own, ...eventTableSchema.fields]
  return struct(fields.map((each) => ({ ...each, metadata: metadata[each.name] ?? {} })))
}
