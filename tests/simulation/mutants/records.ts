import { readFileSync } from 'node:fs'

/** How one broken variant was last caught. */
export interface CaughtRecord {
  readonly name: string
  readonly seed: number
  readonly violation: string
  /** Run until then, from seed 1. */
  readonly schedules: number
}

export const recordsFile = new URL('recorded.json', import.meta.url)

/** As `npm run mutants -- --update` left them. */
export function readRecords(): readonly CaughtRecord[] {
  return JSON.parse(readFileSync(recordsFile, 'utf8')) as readonly CaughtRecord[]
}
