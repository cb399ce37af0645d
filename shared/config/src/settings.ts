import { SiltError } from '@silt/core'
import { securityContradictions } from './security-contradictions.ts'
import type { SettingDefinition } from './setting-definition.ts'
import { settingTable, type SettingName } from './setting-table.ts'
import type { SettingFault, Settings } from './settings-shape.ts'

export interface SettingsSource {
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Reads a mounted secret; throws when it cannot. */
  readonly readTextFile: (path: string) => string
}

/**
 * Parses settings from the environment, all faults at once.
 * Errors: `config/invalid` (invalid), its message a line a fault, each naming its setting.
 */
export function loadSettings(source: SettingsSource): Settings {
  const faults: SettingFault[] = []
  const values: Record<string, unknown> = {}
  for (const name of Object.keys(settingTable) as SettingName[]) {
    const definition = settingTable[name] as SettingDefinition<unknown>
    const given = givenText(name, source, faults)
    const text = given ?? definition.default
    if (text === undefined) {
      values[name] = undefined
      continue
    }
    const parsed = definition.schema.safeParse(text)
    if (parsed.success) values[name] = parsed.data
    else faults.push({ setting: name, fault: parsed.error.issues.map((issue) => issue.message).join('; ') })
  }
  if (faults.length === 0) {
    applyDerivedDefaults(values)
    const settings = values as unknown as Settings
    faults.push(...contradictions(settings), ...securityContradictions(settings))
  }
  if (faults.length > 0) throw invalidSettings(faults)
  return Object.freeze(values) as unknown as Settings
}

/** What a setting was given as, from `NAME` or the file `NAME_FILE` names; blank counts as not given. */
function givenText(name: SettingName, source: SettingsSource, faults: SettingFault[]): string | undefined {
  const direct = blankAsUnset(source.environment[name])
  const path = blankAsUnset(source.environment[`${name}_FILE`])
  if (direct !== undefined && path !== undefined) {
    faults.push({ setting: name, fault: `is set both directly and by ${name}_FILE; keep one` })
    return undefined
  }
  if (path === undefined) return direct
  try {
    return fileText(source, path)
  } catch (error) {
    faults.push({
      setting: `${name}_FILE`,
      fault: `cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    })
    return undefined
  }
}

/** What a mounted secret says, without the line end that editors add; blank counts as not given. */
export function fileText(source: SettingsSource, path: string): string | undefined {
  return blankAsUnset(source.readTextFile(path).replace(/\r?\n$/, ''))
}

function blankAsUnset(text: string | undefined): string | undefined {
  return text === undefined || text.trim() === '' ? undefined : text
}

function applyDerivedDefaults(values: Record<string, unknown>): void {
  values['KAFKA_GROUP_ID'] ??= `silt-${String(values['KAFKA_TOPIC'])}`
  values['DELTA_TABLE_PATH'] ??=
    values['KAFKA_BOOTSTRAP_SERVERS'] === undefined
      ? 'data/delta/analytics-events'
      : 's3://analytics/delta/analytics-events'
}

/** Limits checked against each other. */
function contradictions(settings: Settings): SettingFault[] {
  const faults: SettingFault[] = []
  const when = (condition: boolean, setting: SettingName, fault: string): void => {
    if (condition) faults.push({ setting, fault })
  }
  when(
    settings.AWS_ENDPOINT_URL?.startsWith('http://') === true && !settings.AWS_ALLOW_HTTP,
    'AWS_ENDPOINT_URL',
    'is plain http; use https or set AWS_ALLOW_HTTP=true',
  )
  when(
    (settings.AWS_ACCESS_KEY_ID === undefined) !== (settings.AWS_SECRET_ACCESS_KEY === undefined),
    'AWS_ACCESS_KEY_ID',
    'and AWS_SECRET_ACCESS_KEY must be set together',
  )
  when(
    settings.COMMIT_JOBS_HELD_MAX <= settings.UNITS_IN_FLIGHT_MAX,
    'COMMIT_JOBS_HELD_MAX',
    'must be greater than UNITS_IN_FLIGHT_MAX, or a missing unit could not be reached',
  )
  when(
    settings.UNIT_MAX_OFFSETS > settings.UNCOMMITTED_OFFSETS_MAX,
    'UNIT_MAX_OFFSETS',
    'must not exceed UNCOMMITTED_OFFSETS_MAX',
  )
  when(
    settings.UNIT_BYTES_MAX > settings.UNCOMMITTED_BYTES_MAX,
    'UNIT_BYTES_MAX',
    'must not exceed UNCOMMITTED_BYTES_MAX',
  )
  when(
    settings.HTTP_BODY_BYTES_MAX > settings.HTTP_IN_FLIGHT_BYTES_MAX,
    'HTTP_BODY_BYTES_MAX',
    'must not exceed HTTP_IN_FLIGHT_BYTES_MAX, or the largest body would be told to come again for ever',
  )
  when(
    settings.HELD_UNIT_DEADLINE_MS < settings.REPLAN_AFTER_MS,
    'HELD_UNIT_DEADLINE_MS',
    'must be at least REPLAN_AFTER_MS',
  )
  when(
    /^[a-z0-9]{2,}:\//i.test(settings.DELTA_TABLE_PATH) &&
      !/^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/./.test(settings.DELTA_TABLE_PATH),
    'DELTA_TABLE_PATH',
    'must be s3://bucket/prefix, with a bucket of 3-63 characters a-z 0-9 . -, or a folder',
  )
  return faults
}

function invalidSettings(faults: readonly SettingFault[]): SiltError {
  const lines = faults.map(({ setting, fault }) => `  ${setting} ${fault}`)
  return new SiltError('invalid', 'config/invalid', `settings are wrong:\n${lines.join('\n')}`, {
    context: { settings: faults.map(({ setting }) => setting).join(',') },
  })
}

/** Every setting as an operator may see it: secrets are replaced by `***`, unset ones are absent. */
export function printableSettings(settings: Settings): Readonly<Record<string, string>> {
  const printable: Record<string, string> = {}
  for (const name of Object.keys(settingTable) as SettingName[]) {
    const value = settings[name]
    if (value === undefined) continue
    const definition: SettingDefinition<unknown> = settingTable[name]
    printable[name] = definition.secret === true ? '***' : String(value)
  }
  return printable
}

/** Values that must never appear in a log line. */
export function secretValues(settings: Settings): readonly string[] {
  return (Object.keys(settingTable) as SettingName[])
    .filter((name) => (settingTable[name] as SettingDefinition<unknown>).secret === true)
    .map((name) => settings[name])
    .filter((value): value is string => typeof value === 'string')
}
