import { assignColumnIds, highestColumnId, SiltError } from '@silt/core'
import type { Action, CommitInfo, Metadata } from '../actions/action.ts'
import { parseSchema, schemaToString } from '../schema/parse-schema.ts'
import { columnMappingOf, type LaidOutTable } from '../schema/table-layout.ts'
import type { TableState } from '../snapshot/table-state.ts'
import { supportsFeature } from './supports-feature.ts'
import { rowTracking } from './row-tracking.ts'

/**
 * The commit that follows `state` (undefined: version 0) with what the table's features ask of every commit, whatever it does:
 *
 * 1. Column Mapping: every column of a new schema has an id and a physical name, `delta.columnMapping.maxColumnId` is the highest id ever given.
 * 2. Row Tracking: every add without one gets a `baseRowId` above the high-water mark and this version as `defaultRowCommitVersion`; the mark moves.
 * 3. In-Commit Timestamps: `commitInfo` comes first, with the larger of `wallMs` and one more than the commit before; a commit that switches them on
 *    says so in the properties.
 *
 * Pure: a commit that lost its version is completed anew from the state that won. Errors: `delta/append-only` (unsupported) for a removal of rows
 * from a table that takes appends only; `delta/no-record-count` (invalid) for an add that Row Tracking cannot give ids.
 */
export function completeCommit(
  state: TableState | undefined,
  actions: readonly Action[],
  wallMs: number,
): readonly Action[] {
  const table = tableAfter(state, actions)
  // By what holds before: the commit itself may set the property, or take it back.
  requireAppends(state ?? table, actions)
  const mapped = actions.map((action) => ('metaData' in action ? withColumnIds(table, action.metaData) : action))
  const tracked = rowTracking(table, (state?.version ?? -1) + 1, mapped)
  return withCommitTimestamp(state, table, tracked, wallMs)
}

/** What the table is once the actions are in. */
function tableAfter(state: TableState | undefined, actions: readonly Action[]): LaidOutTable {
  let { protocol, metadata, schema } = state ?? {}
  for (const action of actions) {
    if ('protocol' in action) protocol = action.protocol
    else if ('metaData' in action) {
      metadata = action.metaData
      schema = parseSchema(metadata.schemaString)
    }
  }
  if (protocol === undefined || metadata === undefined || schema === undefined)
    throw new SiltError('invalid', 'delta/invalid-table', 'version 0 needs a protocol and a metaData action')
  return { protocol, metadata, schema, domains: state?.domains ?? new Map() }
}

function requireAppends(
  { protocol, metadata }: Pick<LaidOutTable, 'protocol' | 'metadata'>,
  actions: readonly Action[],
): void {
  if (!isOn(metadata, 'delta.appendOnly') || !supportsFeature(protocol, 'appendOnly')) return
  if (!actions.some((action) => 'remove' in action && action.remove.dataChange)) return
  const remedy = 'Unset delta.appendOnly first; nothing was written'
  throw new SiltError('unsupported', 'delta/append-only', `the table takes appends only (delta.appendOnly). ${remedy}`)
}

function withColumnIds(table: LaidOutTable, metadata: Metadata): Action {
  const mapping = columnMappingOf({ protocol: table.protocol, metadata })
  if (mapping === undefined) return { metaData: metadata }
  const schema = assignColumnIds(table.schema, mapping)
  const maxColumnId = Math.max(mapping.maxColumnId, highestColumnId(schema))
  return {
    metaData: {
      ...metadata,
      schemaString: schema === table.schema ? metadata.schemaString : schemaToString(schema),
      configuration: { ...metadata.configuration, 'delta.columnMapping.maxColumnId': String(maxColumnId) },
    },
  }
}

const clockProperty = 'delta.enableInCommitTimestamps'

function withCommitTimestamp(
  state: TableState | undefined,
  table: LaidOutTable,
  actions: readonly Action[],
  wallMs: number,
): readonly Action[] {
  if (!hasClock(table)) return actions
  const inCommitTimestamp = Math.max(wallMs, (state?.inCommitTimestampMs ?? -1) + 1)
  const isSwitchedOn = state !== undefined && !hasClock(state)
  const rest = actions.filter((action) => !('commitInfo' in action))
  const info = actions.find((action): action is { readonly commitInfo: CommitInfo } => 'commitInfo' in action)
  return [
    { commitInfo: { ...info?.commitInfo, inCommitTimestamp } },
    ...rest.map((action) =>
      isSwitchedOn && 'metaData' in action
        ? { metaData: sinceThisVersion(action.metaData, state.version + 1, inCommitTimestamp) }
        : action,
    ),
  ]
}

function sinceThisVersion(metadata: Metadata, version: number, timestampMs: number): Metadata {
  const since = {
    'delta.inCommitTimestampEnablementVersion': String(version),
    'delta.inCommitTimestampEnablementTimestamp': String(timestampMs),
  }
  return { ...metadata, configuration: { ...metadata.configuration, ...since } }
}

function hasClock({ protocol, metadata }: Pick<LaidOutTable, 'protocol' | 'metadata'>): boolean {
  return isOn(metadata, clockProperty) && supportsFeature(protocol, 'inCommitTimestamp')
}

function isOn({ configuration }: Metadata, property: string): boolean {
  return configuration[property]?.toLowerCase() === 'true'
}
