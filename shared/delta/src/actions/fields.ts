import { brokenLog } from '../errors.ts'

/** Checks the fields of one action at the border. `where` names file and line, `action` the action's key. */
export interface FieldReader {
  readonly fields: Readonly<Record<string, unknown>>
  string(name: string): string
  integer(name: string): number
  boolean(name: string): boolean
  stringList(name: string): readonly string[]
  stringMap(name: string, values: 'nullable' | 'present'): void
  object(name: string): FieldReader
  has(name: string): boolean
}

/** `value` must be an object; its null fields are dropped (absent and null are the same in an action). */
export function fieldReader(where: string, action: string, value: unknown): FieldReader {
  const fail = (name: string, wanted: string): never => {
    throw brokenLog(where, `${action}.${name} must be ${wanted}, found ${shown(fields[name])}`)
  }
  if (!isObject(value)) throw brokenLog(where, `${action} must be an object, found ${shown(value)}`)
  const fields = withoutNulls(value)
  return {
    fields,
    has: (name) => fields[name] !== undefined,
    string: (name) => (typeof fields[name] === 'string' ? fields[name] : fail(name, 'a string')),
    integer: (name) =>
      Number.isSafeInteger(fields[name]) ? (fields[name] as number) : fail(name, 'an integer below 2^53'),
    boolean: (name) => (typeof fields[name] === 'boolean' ? fields[name] : fail(name, 'true or false')),
    stringList: (name) => (isStringList(fields[name]) ? fields[name] : fail(name, 'a list of strings')),
    stringMap: (name, values) => {
      const map = fields[name]
      const fits = (each: unknown): boolean => typeof each === 'string' || (values === 'nullable' && each === null)
      if (!isObject(map) || !Object.values(map).every(fits)) fail(name, 'a map of strings')
    },
    object: (name) => fieldReader(where, `${action}.${name}`, fields[name]),
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function withoutNulls(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const entries = Object.entries(value)
  return entries.some(([, each]) => each === null)
    ? Object.fromEntries(entries.filter(([, each]) => each !== null))
    : value
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'bigint' ? String(value) : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
