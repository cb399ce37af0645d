import { nearMisses } from '@silt/config'
import type { Log } from '@silt/core'
import type { Terminal } from '../terminal.ts'

/** One line at start for all misspelt settings: a process that runs by defaults nobody chose looks well. */
export function warnOfNearMisses({ environment }: Pick<Terminal, 'environment'>, log: Pick<Log, 'warn'>): void {
  const misspelt = nearMisses(environment)
  if (misspelt.length > 0) log.warn({ misspelt }, 'the environment has names that are no settings, but nearly')
}
