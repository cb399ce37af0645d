export { loadSettings, printableSettings, secretValues, type Settings } from './settings.ts'
export { settingsMarkdown } from './settings-markdown.ts'
