import { Command } from 'commander'
import { nearMisses, printableSettings, settingsMarkdown } from '@silt/config'
import { chosenParts } from '../compose/chosen-parts.ts'
import type { Terminal } from '../terminal.ts'
import { settingsOf } from './settings-of.ts'

export function configCommand(terminal: Terminal): Command {
  const config = new Command('config')
  config
    .command('print')
    .description('Print every setting in force, secrets masked.')
    .option('--json', 'as one JSON object')
    .option('--markdown', 'document all settings as a Markdown table instead')
    .action((options: { json?: true; markdown?: true }) => {
      if (options.markdown === true) return terminal.print(settingsMarkdown())
      const printable = printableSettings(settingsOf(terminal))
      if (options.json === true) return terminal.print(JSON.stringify(printable, undefined, 2))
      for (const [name, value] of Object.entries(printable)) terminal.print(`${name}=${value}`)
    })
  config
    .command('check')
    .description(
      'Check all settings and their limits against each other, as the actors and services would; every fault is named.',
    )
    .action(async () => {
      // First: what a misspelt setting should have said may be what is missing.
      for (const warning of nearMisses(terminal.environment)) terminal.print(`warning: ${warning}`)
      const settings = settingsOf(terminal)
      const { requireServicesStart } = await import('../compose/service-faults.ts')
      requireServicesStart(settings)
      terminal.print(chosenParts(settings))
      terminal.print('settings are good')
    })
  return config
}
