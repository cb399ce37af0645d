import {
  columnsInTheWay,
  describeDifferences,
  eventTableSchema,
  formatProperty,
  formatVersion,
  fromProgress,
  partitionAppId,
  partitionColumnsInTheWay,
  progressOf,
} from '@silt/contracts'
import { SiltError, struct } from '@silt/core'
import { mergeSchema, schemaToString, type Action, type TableState } from '@silt/delta'
import type { TopicView } from '../partition/partition-report.ts'
import type { DecidedChange } from './commit-decision.ts'

/**
 * Takes over a table another engine made: marks it, adds the columns it lacks, and records where each partition begins; `progress` goes on from what
 * the table holds.
 * Errors: `table/already-adopted`, `table/cannot-adopt` (invalid), naming every column in the way.
 */
export function adopt(
  view: TopicView,
  offsets: ReadonlyMap<number, number>,
  startFrom: string,
  by: string,
  state: TableState,
): DecidedChange {
  if (state.metadata.configuration[formatProperty] !== undefined)
    throw new SiltError('invalid', 'table/already-adopted', 'Silt made or adopted this table before; nothing to do')
  const inTheWay = columnsInTheWay(state.schema)
  if (inTheWay.length > 0)
    throw new SiltError('invalid', 'table/cannot-adopt', `columns are in the way: ${describeDifferences(inTheWay)}`)
  requirePartitioning(state)
  const goesOn = startFrom === fromProgress
  requireProgress(goesOn, view.topic, state)
  return {
    operation: 'SILT ADOPT TABLE',
    decisions: [{ kind: 'adopt', startFrom, by }],
    actions: goesOn ? [markedMetadata(state)] : [markedMetadata(state), ...startTxns(view, offsets)],
  }
}

function requireProgress(goesOn: boolean, topic: string, state: TableState): void {
  const holdsSome = progressOf(state.txns, topic).length > 0
  if (holdsSome === goesOn) return
  const why = holdsSome
    ? `already holds progress of topic ${topic}: it was adopted before, and its properties went back since. To go on from there: --start-from ${fromProgress}`
    : `holds no progress of topic ${topic} to go on from: say with --start-from where to begin`
  throw new SiltError('invalid', 'table/cannot-adopt', `the table ${why}`)
}

/** Once adopted, a table that Silt cannot write to would have been changed for nothing. */
function requirePartitioning({ metadata, schema }: TableState): void {
  const inTheWay = partitionColumnsInTheWay(schema, metadata.partitionColumns)
  if (inTheWay.length === 0) return
  throw new SiltError(
    'invalid',
    'table/cannot-adopt',
    `the table is partitioned by ${inTheWay.join(', ')}, by which events cannot be dealt out`,
  )
}

function markedMetadata(state: TableState): Action {
  const merged = mergeSchema(state.schema, struct([...state.schema.fields, ...missingFields(state)]))
  if (merged.kind === 'conflict')
    throw new SiltError('invalid', 'table/cannot-adopt', `column ${merged.field} cannot be added`)
  const schema = merged.kind === 'same' ? state.schema : merged.schema
  return {
    metaData: {
      ...state.metadata,
      schemaString: schemaToString(schema),
      configuration: { ...state.metadata.configuration, [formatProperty]: formatVersion },
    },
  }
}

function missingFields(state: TableState): (typeof eventTableSchema.fields)[number][] {
  const names = new Set(state.schema.fields.map(({ name }) => name))
  return eventTableSchema.fields.filter(({ name }) => !names.has(name))
}

function startTxns(view: TopicView, offsets: ReadonlyMap<number, number>): Action[] {
  return view.partitions.flatMap(({ partition, topicId }) => {
    const offset = offsets.get(partition)
    if (offset === undefined) return []
    const key = { topic: view.topic, topicId, partition, restart: 0 }
    return [
      { txn: { appId: partitionAppId('silt', key), version: offset } },
      { txn: { appId: partitionAppId('silt-first', key), version: offset } },
    ]
  })
}
