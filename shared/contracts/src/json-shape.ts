import { SiltError } from '@silt/core'

/** A value from outside with the place it was found, so that a fault names it: `$.ranges[0].start`. */
export interface Found {
  readonly value: unknown
  readonly path: string
}

/** Throws `data/job-malformed` naming the place. */
export function malformed(found: Found, expected: string): never {
  throw new SiltError('data', 'data/job-malformed', `${found.path} should be ${expected}`, {
    context: { path: found.path },
  })
}

export function objectOf(found: Found): Readonly<Record<string, unknown>> {
  const { value } = found
  if (typeof value !== 'object' || value === null || Array.isArray(value)) malformed(found, 'an object')
  return value as Readonly<Record<string, unknown>>
}

/** The member `name` of an object; missing and inherited members are undefined. */
export function member(found: Found, name: string): Found {
  const object = objectOf(found)
  return { value: Object.hasOwn(object, name) ? object[name] : undefined, path: `${found.path}.${name}` }
}

export function listOf<T>(found: Found, lengthMax: number, parse: (item: Found) => T): readonly T[] {
  const { value, path } = found
  if (!Array.isArray(value)) malformed(found, 'a list')
  if (value.length > lengthMax) malformed(found, `a list of at most ${lengthMax}`)
  return value.map((item: unknown, index) => parse({ value: item, path: `${path}[${index}]` }))
}

export function textOf(found: Found): string {
  return typeof found.value === 'string' ? found.value : malformed(found, 'text')
}

export function nameOf(found: Found): string {
  const text = textOf(found)
  return text === '' ? malformed(found, 'text that is not empty') : text
}

export function textOrNullOf(found: Found): string | null {
  return found.value === null ? null : textOf(found)
}

export function booleanOf(found: Found): boolean {
  return typeof found.value === 'boolean' ? found.value : malformed(found, 'true or false')
}

/** Offsets, counts, versions and times: safe integers >= 0. */
export function countOf(found: Found): number {
  const { value } = found
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
    ? value
    : malformed(found, 'a safe integer >= 0')
}

export function oneOf<T extends string>(found: Found, choices: readonly T[]): T {
  const { value } = found
  const choice = choices.find((each) => each === value)
  return choice ?? malformed(found, `one of ${choices.join(', ')}`)
}

/** Members of an object with text (or null where allowed) values. */
export function textMapOf<T extends string | null>(
  found: Found,
  parse: (item: Found) => T,
): Readonly<Record<string, T>> {
  return Object.fromEntries(
    Object.entries(objectOf(found)).map(([name, value]) => [name, parse({ value, path: `${found.path}.${name}` })]),
  )
}
