export { loadSettings, printableSettings, secretValues, type Settings, type SettingsSource } from './settings.ts'
export { settingTable } from './setting-table.ts'
export { settingsMarkdown } from './settings-markdown.ts'
export { rotatingSettings, type RotatingSettings } from './rotating-settings.ts'
