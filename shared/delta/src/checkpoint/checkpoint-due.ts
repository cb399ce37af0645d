import { featureRules } from '../protocol/features.ts'
import type { TableState } from '../snapshot/table-state.ts'
import { checkpointInterval } from '../table/properties.ts'
import { parsedColumns, unparsedPartition } from './parsed-columns.ts'

/**
 * Whether the table wants a checkpoint: a function of its state alone, so that a failed or forgotten one is due again at the next
 * version and after every restart (lesson 16). `interval`: commits, default the table's own.
 */
export function checkpointDue(state: TableState, interval = checkpointInterval(state.metadata)): boolean {
  return checkpointRefusal(state) === undefined && state.version - (state.checkpointVersion ?? 0) >= interval
}

/** Why Silt writes no checkpoint of this table; undefined where it does. Other engines' checkpoints are read all the same. */
export function checkpointRefusal(state: TableState): string | undefined {
  const { protocol } = state
  const unknown = protocol.writerFeatures?.find((name) => !featureRules.has(name))
  if (unknown !== undefined) return `it lists the feature ${unknown}`
  const unparsed = parsedColumns(state) && unparsedPartition(state)
  return unparsed && `delta.checkpoint.writeStatsAsStruct is true, and ${unparsed}`
}
