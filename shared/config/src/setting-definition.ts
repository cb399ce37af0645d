import { z } from 'zod'

/** One setting: how its text is checked, what it defaults to, and one line of documentation. */
export interface SettingDefinition<T> {
  /** Its description is what the settings table says is allowed; without one it says nothing. */
  readonly schema: z.ZodType<T, string>
  /** As an operator would write it; undefined: optional without a default. */
  readonly default: string | undefined
  readonly unit?: string
  readonly secret?: true
  readonly doc: string
}

export const whole = (min: number, max: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^-?\d+$/, 'must be a whole number')
    .transform(Number)
    .pipe(bounded(min, max))
    .describe(`${min} to ${max}`)

export const decimal = (min: number, max: number): z.ZodType<number, string> =>
  z
    .string()
    .regex(/^\d+(\.\d+)?$/, `must be a number of at least ${min}`)
    .transform(Number)
    .pipe(bounded(min, max))
    .describe(`${min} to ${max}`)

export const text = (pattern: RegExp, rule: string): z.ZodType<string, string> =>
  z
    .string()
    .regex(pattern, rule)
    .describe(rule.replace(/^must be /, ''))
export const oneOf = <const T extends string>(...values: readonly [T, ...T[]]): z.ZodType<T, string> =>
  z
    .string()
    .pipe(z.enum(values, `must be one of ${values.join(', ')}`))
    .describe(values.map((value) => `\`${value}\``).join(', '))
export const flag: z.ZodType<boolean, string> = z
  .string()
  .regex(/^(true|false|1|0)$/i, 'must be true or false')
  .transform((value) => /^(true|1)$/i.test(value))
  .describe('`true`, `false`')
export const port = whole(0, 65535)
export const anyText: z.ZodType<string, string> = z.string().regex(/\S/, 'must not be blank')

export const KiB = 1024
export const MiB = 1024 * KiB
export const GiB = 1024 * MiB

export function setting<T>(
  schema: z.ZodType<T, string>,
  fallback: string | undefined,
  doc: string,
  more: { unit?: string; secret?: true } = {},
): SettingDefinition<T> {
  return Object.freeze({ schema, default: fallback, doc, ...more })
}

function bounded(min: number, max: number): z.ZodType<number, number> {
  return z.number().min(min, `must be at least ${min}`).max(max, `must be at most ${max}`)
}
