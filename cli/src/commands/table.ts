import { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import { addTableCheckCommand } from './table-check.ts'
import { addTableDecisionCommands } from './table-decide.ts'
import { addTableReadCommands } from './table-read.ts'

export function tableCommand(terminal: Terminal): Command {
  const table = new Command('table')
  addTableReadCommands(table, terminal)
  addTableCheckCommand(table, terminal)
  addTableDecisionCommands(table, terminal)
  return table
}
