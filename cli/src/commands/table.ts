import { Command } from 'commander'
import type { Terminal } from '../terminal.ts'
import { addTableCheckCommand } from './table-check.ts'
import { addTableCleanLogCommand } from './table-clean-log.ts'
import { addTableDecisionCommands } from './table-decide.ts'
import { addTableReadCommands } from './table-read.ts'
import { addTableRowCommands } from './table-rows.ts'
import { addTableWriteCommands } from './table-write.ts'

export function tableCommand(terminal: Terminal): Command {
  const table = new Command('table').description(
    'Look at any Delta table, read its rows, check it, make one, take one over, restore, pause, resume, clean its log. [table] is a folder or s3://bucket/prefix; default: DELTA_TABLE_PATH.',
  )
  addTableReadCommands(table, terminal)
  addTableRowCommands(table, terminal)
  addTableCheckCommand(table, terminal)
  addTableWriteCommands(table, terminal)
  addTableCleanLogCommand(table, terminal)
  addTableDecisionCommands(table, terminal)
  return table
}
