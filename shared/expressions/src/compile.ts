import { isSiltError, type DataType, type StructType } from '@silt/core'
import { bind } from './binding/bind.ts'
import { BindingScope, type Purpose } from './binding/binding-scope.ts'
import type { RowContext } from './binding/bound.ts'
import { truth } from './binding/logic.ts'
import { parseExpression } from './syntax/parse-expression.ts'
import type { SqlType } from './types/sql-type.ts'
import type { SqlStruct, SqlValue } from './values/sql-value.ts'

export interface CompileOptions {
  /** `default`: refers to no column, and may ask for the time. */
  readonly purpose?: Purpose
  /** What the value is assigned to: Spark casts it so. Left out: its own type. */
  readonly as?: DataType
  /** It must be a condition. */
  readonly isCondition?: boolean
}

/** An expression ready for rows. */
export interface CompiledExpression {
  readonly type: SqlType
  /** Top-level columns it refers to, by index in the schema, in order. */
  readonly columns: readonly number[]
  /**
   * The value over a row: the columns' values in the order of the schema, of which only `columns` are looked at.
   * `expressions/failed` (data): there is none, as where Spark (ANSI) fails the write: overflow, division by zero, a text that is no number.
   */
  readonly evaluate: (row: SqlStruct, context: RowContext) => SqlValue
}

/**
 * Parses and type-checks an expression of Spark's SQL over a table's schema: ANSI mode, session time zone UTC, names ignoring case.
 * Errors: `expressions/syntax` (invalid); `expressions/unsupported` (unsupported) naming the function, type or syntax, with line and column.
 */
export function compile(text: string, schema: StructType, options: CompileOptions = {}): CompiledExpression {
  const scope = new BindingScope(text, schema, options.purpose ?? 'row')
  const bound = bind(scope, parseExpression(text))
  const typed = options.isCondition === true ? truth(scope, bound) : bound
  const assigned = options.as === undefined ? typed : scope.coerce(typed, options.as, 'a value')
  return {
    type: assigned.type,
    columns: [...scope.columns].sort((left, right) => left - right),
    evaluate: assigned.run,
  }
}

export type Verdict = { readonly isSupported: true } | { readonly isSupported: false; readonly reason: string }

/** Whether `compile` takes the text, and if not why. */
export function supports(text: string, schema: StructType, options: CompileOptions = {}): Verdict {
  try {
    compile(text, schema, options)
    return { isSupported: true }
  } catch (error) {
    if (isSiltError(error, 'expressions/unsupported') || isSiltError(error, 'expressions/syntax'))
      return { isSupported: false, reason: error.message }
    throw error
  }
}
