import { conditionalFunctions } from './conditional.ts'
import { dateFunctions } from './date-functions.ts'
import { formatFunctions } from './date-formats.ts'
import type { FunctionRule } from './function-rule.ts'
import { numberFunctions } from './number-functions.ts'
import { textFunctions } from './text-functions.ts'

/** Every function that is evaluated, by its name in lower case. */
export const functions: ReadonlyMap<string, FunctionRule> = new Map([
  ...conditionalFunctions,
  ...dateFunctions,
  ...formatFunctions,
  ...numberFunctions,
  ...textFunctions,
])
