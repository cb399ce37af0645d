import { loadSettings, secretValues, type Settings } from '@silt/config'
import { HyparquetReader } from '@silt/parquet/reader'
import type { DecisionDeps } from '../table/commit-decision.ts'
import { openTable, readsBack, type OpenTable } from '../table/open-table.ts'
import type { Terminal } from '../terminal.ts'

/** The settings; a table named on the command line stands in for DELTA_TABLE_PATH. */
export function settingsOf(terminal: Terminal, table?: string): Settings {
  const others = { ...terminal.environment, DELTA_TABLE_PATH_FILE: undefined }
  const settings = loadSettings({
    environment: table === undefined ? terminal.environment : { ...others, DELTA_TABLE_PATH: table },
    readTextFile: (path) => terminal.readTextFile(path),
  })
  for (const secret of secretValues(settings)) terminal.secrets.hide(secret)
  return settings
}

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
  return { store, reader: new HyparquetReader(), clock, random, readBack: readsBack(settings) }
}
