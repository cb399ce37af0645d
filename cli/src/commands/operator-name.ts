import { userInfo } from 'node:os'
import type { Terminal } from '../terminal.ts'
import { settingsOf } from './settings-of.ts'

/** Who a decision is recorded under: OPERATOR_NAME, else the user of this machine. */
export function operatorName(terminal: Terminal): string {
  return settingsOf(terminal).OPERATOR_NAME ?? machineUser()
}

/** In a container the user id may have no name. */
function machineUser(): string {
  try {
    return userInfo().username
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
