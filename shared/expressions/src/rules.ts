import { isSiltError, SiltError, type ColumnExpression, type RowRules, type StructType } from '@silt/core'
import { compile, type CompiledExpression } from './compile.ts'
import { comparatorOf } from './values/compare.ts'
import type { SqlStruct, SqlValue } from './values/sql-value.ts'
import type { RowContext } from './binding/bound.ts'

/** Why a row may not enter the table. `rule` names the constraint, invariant or column. */
export interface RowRefusal {
  readonly reason: 'constraint' | 'generated-column'
  readonly detail: string
}

export interface RuledColumn {
  /** Of the column in the schema. */
  readonly index: number
  readonly name: string
}

/**
 * The rules of one table over its schema, in the order in which a row meets them: defaults, then generated columns, then conditions.
 * Rows are arrays of values in the order of the schema, as `CompiledExpression.evaluate` takes them.
 */
export interface CompiledRules {
  readonly defaults: readonly RuledColumn[]
  readonly generated: readonly RuledColumn[]
  /** Columns that must be in the row, by index: those the rules refer to, and the generated ones where they are given. */
  readonly columns: readonly number[]
  /** A default's value, by its place in `defaults`. `expressions/failed` (data) where it has none. */
  defaultOf(index: number, context: RowContext): SqlValue
  /**
   * Fills the row's generated columns that are not given (by their place in `generated`), holds the others against their expressions by `<=>`, and the row against every
   * condition, which must be TRUE. The refusal of the first that it fails; undefined for a row that may enter.
   */
  apply(row: SqlValue[], isGiven: readonly boolean[], context: RowContext): RowRefusal | undefined
}

/** Errors: `expressions/unsupported`, `expressions/syntax`, naming the rule. */
export function compileRules(rules: RowRules, schema: StructType): CompiledRules {
  const checks = rules.checks.map(({ kind, name, sql }) => ({
    what: `${kind} ${name} (${sql.slice(0, sqlCharsMax)})`,
    compiled: named(`${kind} ${name}`, () => compile(sql, schema, { isCondition: true })),
  }))
  const generated = rules.generated.map((each) => compileColumn(each, schema, 'row'))
  const defaults = rules.defaults.map((each) => compileColumn(each, schema, 'default'))
  requirePlain(generated)
  const columns = new Set([...checks, ...generated].flatMap(({ compiled }) => compiled.columns))
  for (const { index } of [...generated, ...defaults]) columns.add(index)

  const applyGenerated = (
    row: SqlValue[],
    isGiven: readonly boolean[],
    context: RowContext,
  ): RowRefusal | undefined => {
    for (const [place, { index, name, sql, compiled, isSame }] of generated.entries()) {
      const what = `column ${name} (generated as ${sql})`
      const found = outcomeOf(compiled, row, context)
      if (found.failed !== undefined) return { reason: 'generated-column', detail: `${what}: ${found.failed}` }
      if (isGiven[place] !== true) row[index] = found.value
      else if (!isSame(row[index]!, found.value))
        return { reason: 'generated-column', detail: `${what}: given with another value` }
    }
    return undefined
  }

  return {
    defaults,
    generated,
    columns: [...columns].sort((left, right) => left - right),
    defaultOf: (index, context) => defaults[index]!.compiled.evaluate([], context),
    apply: (row, isGiven, context) => {
      const refusal = applyGenerated(row, isGiven, context)
      if (refusal !== undefined) return refusal
      for (const { what, compiled } of checks) {
        const found = outcomeOf(compiled, row, context)
        if (found.value === true) continue
        const why = found.failed ?? `it is ${found.value === false ? 'FALSE' : 'NULL'}`
        return { reason: 'constraint', detail: `${what}: ${why}` }
      }
      return undefined
    },
  }
}

/** Of an expression, in what people read. */
const sqlCharsMax = 256

interface CompiledColumn extends RuledColumn {
  readonly sql: string
  readonly compiled: CompiledExpression
  readonly isSame: (left: SqlValue, right: SqlValue) => boolean
}

function compileColumn(
  { column, sql }: ColumnExpression,
  schema: StructType,
  purpose: 'row' | 'default',
): CompiledColumn {
  const what = purpose === 'row' ? `generated column ${column}` : `the default of column ${column}`
  const index = schema.fields.findIndex((each) => each.name === column)
  const type = schema.fields[index]?.type
  const order = type === undefined ? undefined : comparatorOf(type)
  // Rows hold values of columns of the table itself, not of fields within them.
  if (type === undefined || order === undefined)
    throw new SiltError(
      'unsupported',
      'expressions/unsupported',
      `${what}: only columns of a primitive type at the top are supported`,
    )
  const compiled = named(what, () => compile(sql, schema, { purpose, as: type }))
  const isSame = (left: SqlValue, right: SqlValue): boolean =>
    left === null || right === null ? left === right : order(left, right) === 0
  return { index, name: column, sql: sql.slice(0, sqlCharsMax), compiled, isSame }
}

/** Generated columns are computed in one go: none may wait for another. */
function requirePlain(generated: readonly CompiledColumn[]): void {
  const indexes = new Set(generated.map(({ index }) => index))
  const found = generated.find(({ compiled }) => compiled.columns.some((index) => indexes.has(index)))
  if (found === undefined) return
  const message = `generated column ${found.name}: generated from a generated column: not supported`
  throw new SiltError('unsupported', 'expressions/unsupported', message)
}

function outcomeOf(
  compiled: CompiledExpression,
  row: SqlStruct,
  context: RowContext,
): { readonly value: SqlValue; readonly failed?: undefined } | { readonly value: null; readonly failed: string } {
  try {
    return { value: compiled.evaluate(row, context) }
  } catch (error) {
    if (isSiltError(error, 'expressions/failed')) return { value: null, failed: error.message }
    throw error
  }
}

function named<T>(what: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (!isSiltError(cause)) throw cause
    throw new SiltError(cause.kind, cause.code, `${what}: ${cause.message}`, { context: cause.context, cause })
  }
}
