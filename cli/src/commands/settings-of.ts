import { loadSettings, secretValues, type Settings } from '@silt/config'
import type { Terminal } from '../terminal.ts'

/**
 * The settings of this environment, their secrets hidden from now on; a table named on the command line stands in for DELTA_TABLE_PATH.
 * Throws `config/…` (invalid), naming each fault.
 */
export function settingsOf(terminal: Terminal, table?: string): Settings {
  const others = { ...terminal.environment, DELTA_TABLE_PATH_FILE: undefined }
  const settings = loadSettings({
    environment: table === undefined ? terminal.environment : { ...others, DELTA_TABLE_PATH: table },
    readTextFile: (path) => terminal.readTextFile(path),
  })
  for (const secret of secretValues(settings)) terminal.secrets.hide(secret)
  return settings
}
