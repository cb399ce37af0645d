import { columnMappingOf, layoutDigest, partitionKeys, tableLayout, type TableState } from '@silt/delta'
import type { LedgerTable } from './ledger.ts'
import { indexProgress } from './progress-index.ts'

/** A state as the ledger sees it; how old files may be is told with each look. Pure. */
export function ledgerTable(state: TableState, columnsMax: number): LedgerTable {
  const columnMapping = columnMappingOf(state)
  const layout = layoutDigest(tableLayout(state))
  return {
    id: state.metadata.id,
    schema: state.schema,
    ...(columnMapping === undefined ? {} : { columnMapping }),
    ...(layout === undefined ? {} : { layout }),
    partitionColumns: partitionKeys(state),
    progress: indexProgress(state.txns),
    columnsMax,
    putNotBeforeMs: undefined,
  }
}
