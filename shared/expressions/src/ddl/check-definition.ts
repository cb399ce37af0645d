import { isSiltError, SiltError, struct, type StructField } from '@silt/core'
import { compile, type CompileOptions } from '../compile.ts'
import { syntaxFault, unsupportedFault } from '../syntax/faults.ts'
import { isAtomic } from '../types/sql-type.ts'
import type { Definition } from './definition.ts'

/** Refuses what no Delta table can be, or what could not be written to: names twice or unknown, expressions that are not evaluated. */
export function checkDefinition(definition: Definition): void {
  const { text, fields, at, clauses } = definition
  if (fields.length === 0) throw syntaxFault(text, at, 'a table without columns')
  requireDistinct(definition)
  if (clauses.partitionColumns.length > 0 && clauses.clusterColumns.length > 0)
    throw unsupportedFault(text, at, 'PARTITIONED BY together with CLUSTER BY: not supported')
  requireColumns(definition, clauses.partitionColumns, 'PARTITIONED BY')
  requireColumns(definition, clauses.clusterColumns, 'CLUSTER BY')
  if (clauses.partitionColumns.length === fields.length)
    throw unsupportedFault(text, at, 'PARTITIONED BY all columns: files would have none: not supported')
  for (const name of clauses.partitionColumns)
    if (!isAtomic(columnOf(definition, name)!.type))
      throw unsupportedFault(text, at, `PARTITIONED BY ${name}, which is nested: not supported`)
  checkExpressions(definition)
}

function requireDistinct({ text, fields, checks }: Definition): void {
  const columns = new Set<string>()
  for (const { field, at } of fields) {
    const name = field.name.toLowerCase()
    if (columns.has(name)) throw syntaxFault(text, at, `column ${field.name} twice (names differ in more than case)`)
    columns.add(name)
  }
  const names = new Set<string>()
  for (const { name, at } of checks) {
    if (names.has(name.toLowerCase())) throw syntaxFault(text, at, `constraint ${name} twice`)
    names.add(name.toLowerCase())
  }
}

function requireColumns(definition: Definition, names: readonly string[], clause: string): void {
  const { text, at } = definition
  for (const [index, name] of names.entries()) {
    if (columnOf(definition, name) === undefined)
      throw syntaxFault(text, at, `${clause} ${name}: the table has no such column`)
    if (names.indexOf(name) !== index) throw syntaxFault(text, at, `${clause} ${name} twice`)
  }
}

/** Spelled as it is: partition columns are compared by engines as they stand. */
function columnOf({ fields }: Definition, name: string): StructField | undefined {
  return fields.find(({ field }) => field.name === name)?.field
}

function checkExpressions(definition: Definition): void {
  const { fields, checks } = definition
  const schema = struct(fields.map(({ field }) => field))
  const generated = new Set(fields.flatMap(({ field }, index) => (expressionOf(field) === undefined ? [] : [index])))
  for (const { field, at } of fields) {
    const sql = expressionOf(field)
    const byDefault = field.metadata['CURRENT_DEFAULT']
    if (typeof byDefault === 'string') {
      if (sql !== undefined)
        throw unsupportedFault(definition.text, at, `column ${field.name} with a default and generated: not supported`)
      within(`the default of column ${field.name}`, () =>
        compile(byDefault, schema, { purpose: 'default', as: field.type }),
      )
    }
    if (sql === undefined) continue
    const compiled = within(`column ${field.name}`, () =>
      compile(sql, schema, { as: field.type } satisfies CompileOptions),
    )
    const other = compiled.columns.find((index) => generated.has(index))
    if (other !== undefined)
      throw unsupportedFault(
        definition.text,
        at,
        `column ${field.name} generated from ${fields[other]!.field.name}, which is generated itself: not supported`,
      )
  }
  for (const { name, sql } of checks) within(`constraint ${name}`, () => compile(sql, schema, { isCondition: true }))
}

function expressionOf(field: StructField): string | undefined {
  const sql = field.metadata['delta.generationExpression']
  return typeof sql === 'string' ? sql : undefined
}

/** Says of which part of the statement an expression is; its line and column are those of the expression. */
function within<T>(what: string, run: () => T): T {
  try {
    return run()
  } catch (cause) {
    if (!isSiltError(cause)) throw cause
    throw new SiltError(cause.kind, cause.code, `${what}: ${cause.message}`, { context: cause.context, cause })
  }
}
