import type { Settings } from '@silt/config'
import { OnDemandReader } from '@silt/parquet/reader'
import type { DecisionDeps } from '../table/commit-decision.ts'
import { openTable, readsBack, type OpenTable } from '../table/open-table.ts'
import type { Terminal } from '../terminal.ts'
import { settingsOf } from './settings-of.ts'

/** Opens the table named, or else the one DELTA_TABLE_PATH names, for the time of `use`. */
export async function withTable<T>(
  terminal: Terminal,
  use: (table: OpenTable, settings: Settings) => Promise<T>,
  path?: string,
): Promise<T> {
  const settings = settingsOf(terminal, path)
  const table = openTable(settings, terminal)
  try {
    return await use(table, settings)
  } finally {
    await table.close()
  }
}

/** What commits an operator's decision to the table. */
export function decisionDeps(terminal: Terminal, settings: Settings, { store }: OpenTable): DecisionDeps {
  const { clock, random } = terminal
  return { store, reader: new OnDemandReader(), clock, random, readBack: readsBack(settings) }
}
