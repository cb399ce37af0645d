import type { SettingDefinition } from './setting-definition.ts'
import { settingTable, type SettingName } from './setting-table.ts'
import { fileText, type SettingsSource } from './settings.ts'
import type { Settings } from './settings-shape.ts'

/** Settings whose value is text, as it stands now. */
export interface RotatingSettings {
  current(name: TextSetting): string | undefined
}

type TextSetting = {
  [Name in SettingName]: Settings[Name] extends string | undefined ? Name : never
}[SettingName]

export interface RotationEvents {
  /** A file holds another value than before; called before anybody is given it, so that it can be kept out of the log first. */
  readonly onValue: (value: string) => void
  /** A file cannot be used now; the last good value is. Told once until the file is good again. */
  readonly onFault: (setting: string, fault: string) => void
}

/**
 * What was given by `X_FILE` is read from that file each time it is asked for: a mounted secret is replaced while the process runs.
 * Everything else stays as it was at start. A file that is away or unusable, as it may be in the moment it is replaced, leaves the last good value.
 */
export function rotatingSettings(settings: Settings, source: SettingsSource, events: RotationEvents): RotatingSettings {
  const latest = new Map<TextSetting, string>()
  const faulty = new Set<TextSetting>()
  return {
    current(name) {
      const last = latest.get(name) ?? settings[name]
      const path = source.environment[`${name}_FILE`]?.trim() ?? ''
      if (path === '' || last === undefined) return last
      const read = readNow(name, path, source)
      if ('fault' in read) {
        if (!faulty.has(name)) events.onFault(`${name}_FILE`, read.fault)
        faulty.add(name)
        return last
      }
      faulty.delete(name)
      if (read.value === last) return last
      events.onValue(read.value)
      latest.set(name, read.value)
      return read.value
    },
  }
}

type Read = { readonly value: string } | { readonly fault: string }

function readNow(name: TextSetting, path: string, source: SettingsSource): Read {
  const definition: SettingDefinition<unknown> = settingTable[name]
  try {
    const parsed = definition.schema.safeParse(fileText(source, path) ?? '')
    if (parsed.success) return { value: String(parsed.data) }
    return { fault: parsed.error.issues.map((issue) => issue.message).join('; ') }
  } catch (error) {
    return { fault: error instanceof Error ? error.message : String(error) }
  }
}
