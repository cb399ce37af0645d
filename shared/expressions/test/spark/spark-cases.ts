import { isSiltError } from '@silt/core'
import { compile, type SqlStruct, type SqlValue } from '@silt/expressions'
import { givenColumns, givenSchema, spokenRow, valueOf } from './given-rows.ts'

export type SpokenValue = string | boolean | null | { readonly failed: string }

/** What Spark made of one expression: a value a row, or why it took none of it. */
export type SparkCase =
  | { readonly sql: string; readonly type: string; readonly values: readonly SpokenValue[] }
  | { readonly sql: string; readonly refused: string }

export interface SparkAnswer {
  readonly spark: string
  readonly rows: readonly Readonly<Record<string, string | boolean | null>>[]
  readonly cases: readonly SparkCase[]
}

export interface Comparison {
  readonly agreed: number
  /** Refused here, whatever Spark makes of them. */
  readonly unsupported: readonly string[]
  readonly differences: readonly string[]
}

const context = { nowMicros: 0n }

/** Every case evaluated here: types, values and failures must be Spark's. What Spark refuses must be refused. */
export function compareWithSpark(answer: SparkAnswer): Comparison {
  const rows = answer.rows.map(spokenRow)
  const unsupported: string[] = []
  const differences: string[] = []
  let agreed = 0
  for (const each of answer.cases) {
    const found = compareCase(each, rows)
    if (found === 'agreed') agreed++
    else if (found.startsWith('unsupported')) unsupported.push(found)
    else differences.push(found)
  }
  return { agreed, unsupported, differences }
}

export function sparkRequest(rows: readonly (readonly string[])[], expressions: readonly string[]): unknown {
  return { columns: givenColumns.map(([name, type]) => [name, type]), rows, expressions }
}

function compareCase(each: SparkCase, rows: readonly SqlStruct[]): string {
  let compiled
  try {
    compiled = compile(each.sql, givenSchema)
  } catch (error) {
    if (!isSiltError(error)) throw error
    if (error.kind === 'unsupported' || ('refused' in each && error.kind === 'invalid'))
      return 'refused' in each ? 'agreed' : `unsupported: ${error.message}: ${each.sql}`
    return `${each.sql}: ${error.message}`
  }
  if ('refused' in each) return `${each.sql}: Spark refuses it, ${each.refused}`
  const type = sparkType(compiled.type as string)
  if (type !== each.type) return `${each.sql}: a ${type}, by Spark a ${each.type}`
  for (const [index, row] of rows.entries()) {
    const spoken = each.values[index] ?? null
    const wanted = spoken !== null && typeof spoken === 'object' ? 'failed' : valueOf(compiled.type, spoken)
    const found = evaluate(() => compiled.evaluate(row, context))
    if (!Object.is(found, wanted) && !(found === 0 && wanted === 0))
      return `${each.sql}: row ${index} gives ${String(found)}, by Spark ${JSON.stringify(spoken)}`
  }
  return 'agreed'
}

function evaluate(run: () => SqlValue): SqlValue {
  try {
    return run()
  } catch (error) {
    if (isSiltError(error, 'expressions/failed')) return 'failed'
    throw error
  }
}

function sparkType(type: string): string {
  const names: Readonly<Record<string, string>> = { byte: 'tinyint', short: 'smallint', integer: 'int', long: 'bigint' }
  return names[type] ?? type
}
