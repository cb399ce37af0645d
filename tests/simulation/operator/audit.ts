import { auditTable, type AuditReport } from '@silt/cli/operator'
import { checkTable, type TableCheck } from '@silt/delta'
import type { OperatorDeps } from './operator-deps.ts'

type TableDeps = Pick<OperatorDeps, 'store' | 'deadLetterStore' | 'reader' | 'clock'>

/** `silt audit`. Waits until the dead-letter table has caught up; errors as `auditTable`'s. */
export function audit(deps: TableDeps): Promise<AuditReport> {
  return auditTable({ ...deps, onProgress: () => undefined })
}

/** `silt table check --rows` of both tables, by a row count that knows the files' format. */
export async function check(
  deps: Omit<TableDeps, 'clock'>,
  rowCount: (body: Uint8Array) => number,
): Promise<{ readonly main: TableCheck; readonly deadLetters: TableCheck }> {
  return {
    main: await checkTable(deps.store, deps.reader, { rowCount }),
    deadLetters: await checkTable(deps.deadLetterStore, deps.reader, { rowCount }),
  }
}
