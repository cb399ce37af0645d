import { loadSettings, secretValues, type Settings } from '@silt/config'
import type { Terminal } from '../terminal.ts'

/** The settings of this environment, their secrets hidden from now on. Throws `config/…` (invalid), naming each fault. */
export function settingsOf(terminal: Terminal): Settings {
  const settings = loadSettings({
    environment: terminal.environment,
    readTextFile: (path) => terminal.readTextFile(path),
  })
  for (const secret of secretValues(settings)) terminal.secrets.hide(secret)
  return settings
}
