import { InvalidArgumentError, type Command } from 'commander'
import { wholeNumber } from './whole-number.ts'

/** Which version of a table is meant; the newest where neither is given. */
export interface AsOf {
  readonly version?: number
  readonly timestamp?: number
}

/** `--version` and `--timestamp`, which exclude each other. */
export function asOfOptions(command: Command): Command {
  return command
    .addOption(command.createOption('--version <n>', 'as of this version').argParser(wholeNumber))
    .addOption(
      command
        .createOption(
          '--timestamp <time>',
          'as of the newest version not later than this ISO time (UTC unless it says)',
        )
        .argParser(isoTime)
        .conflicts('version'),
    )
}

/** What `loadSnapshot` is asked for. */
export function versionOf({ version, timestamp }: AsOf): { readonly version?: number; readonly timestampMs?: number } {
  return {
    ...(version === undefined ? {} : { version }),
    ...(timestamp === undefined ? {} : { timestampMs: timestamp }),
  }
}

/** An ISO time as ms since 1970. */
function isoTime(text: string): number {
  const hasZone = /(Z|[+-]\d\d:?\d\d)$/i.test(text) || !/\d\d:\d\d/.test(text)
  const day = /^\d{4}-\d\d-\d\d/.exec(text)?.[0]
  const timeMs = isDay(day) ? Date.parse(hasZone ? text : `${text.replace(' ', 'T')}Z`) : Number.NaN
  if (Number.isNaN(timeMs)) throw new InvalidArgumentError('must be an ISO time such as 2026-11-23T10:00:00Z')
  return timeMs
}

/** The 31st of February would be read as a day of March. */
function isDay(day: string | undefined): boolean {
  const ms = Date.parse(`${day}T00:00:00Z`)
  return !Number.isNaN(ms) && new Date(ms).toISOString().slice(0, 10) === day
}
