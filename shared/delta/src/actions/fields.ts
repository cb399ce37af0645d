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
  if (!isObject(value)) throw brokenLog(where, `${action} must be an object, found ${shown(value)}`)
  return new ActionFields(where, action, withoutNulls(value))
}

class ActionFields implements FieldReader {
  readonly fields: Readonly<Record<string, unknown>>
  readonly #where: string
  readonly #action: string

  constructor(where: string, action: string, fields: Readonly<Record<string, unknown>>) {
    this.#where = where
    this.#action = action
    this.fields = fields
  }

  has(name: string): boolean {
    return this.fields[name] !== undefined
  }

  string(name: string): string {
    const value = this.fields[name]
    return typeof value === 'string' ? value : this.#fail(name, 'a string')
  }

  integer(name: string): number {
    const value = this.fields[name]
    return Number.isSafeInteger(value) ? (value as number) : this.#fail(name, 'an integer below 2^53')
  }

  boolean(name: string): boolean {
    const value = this.fields[name]
    return typeof value === 'boolean' ? value : this.#fail(name, 'true or false')
  }

  stringList(name: string): readonly string[] {
    const value = this.fields[name]
    return isStringList(value) ? value : this.#fail(name, 'a list of strings')
  }

  stringMap(name: string, values: 'nullable' | 'present'): void {
    const map = this.fields[name]
    const fits = (each: unknown): boolean => typeof each === 'string' || (values === 'nullable' && each === null)
    if (!isObject(map) || !Object.values(map).every(fits)) this.#fail(name, 'a map of strings')
  }

  object(name: string): FieldReader {
    return fieldReader(this.#where, `${this.#action}.${name}`, this.fields[name])
  }

  #fail(name: string, wanted: string): never {
    throw brokenLog(this.#where, `${this.#action}.${name} must be ${wanted}, found ${shown(this.fields[name])}`)
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isStringList(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((each) => typeof each === 'string')
}

function withoutNulls(value: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!Object.values(value).includes(null)) return value
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== null))
}

function shown(value: unknown): string {
  const text = value === undefined ? 'nothing' : typeof value === 'bigint' ? String(value) : JSON.stringify(value)
  return text.length > 60 ? `${text.slice(0, 60)}…` : text
}
