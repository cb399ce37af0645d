import type { SettingDefinition } from './setting-definition.ts'
import { settingTable } from './setting-table.ts'

/** The settings as a Markdown table, for the README and `silt config --markdown`. */
export function settingsMarkdown(): string {
  const rows = Object.entries(settingTable).map(([name, definition]: [string, SettingDefinition<unknown>]) => {
    const unit = definition.unit === undefined ? '' : ` (${definition.unit})`
    const fallback = definition.default === undefined ? '' : `\`${definition.default}\``
    return `| \`${name}\` | ${fallback} | ${definition.doc}${unit} |`
  })
  return ['| setting | default | meaning |', '|---|---|---|', ...rows].join('\n')
}
