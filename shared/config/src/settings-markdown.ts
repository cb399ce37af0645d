import type { SettingDefinition } from './setting-definition.ts'
import { settingTable } from './setting-table.ts'

/** The settings as a Markdown table, for the README and `silt config print --markdown`; what is allowed is what the parser takes. */
export function settingsMarkdown(): string {
  const rows = Object.entries(settingTable).map(([name, definition]: [string, SettingDefinition<unknown>]) => {
    const { unit, schema, doc } = definition
    const fallback = definition.default === undefined ? '' : `\`${definition.default}\``
    const allowed = [schema.description, unit].filter((part) => part !== undefined).join(' ')
    return `| \`${name}\` | ${fallback} | ${allowed} | ${doc} |`
  })
  return ['| setting | default | allowed | meaning |', '|---|---|---|---|', ...rows].join('\n')
}
