import { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import { addTableCheckCommand } from './table-check.ts'
import { addTableDecisionCommands } from './table-decide.ts'
import { addTableReadCommands } from './table-read.ts'
import { addTableRowCommands } from './table-rows.ts'

export function tableCommand(terminal: Terminal): Command {
  const table = new Command('table').description(
    'Look at the table DELTA_TABLE_PATH names, check it, take one over, pause it, let a paused or parked one go on.',
  )
  addTableReadCommands(table, terminal)
  addTableRowCommands(table, terminal)
  addTableCheckCommand(table, terminal)
  addTableDecisionCommands(table, terminal)
  return table
}
