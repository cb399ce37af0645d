import { SiltError, type ColumnExpression, type RowCheck, type RowRules } from '@silt/core'
import { supportsFeature } from '../protocol/supports-feature.ts'
import type { TableState } from '../snapshot/table-state.ts'
import { fieldsOf } from './walk-schema.ts'

/**
 * What the table demands of every row it gets: invariants, CHECK constraints, generated columns, defaults (Delta PROTOCOL § Column Invariants and the
 * sections behind it), in the order of schema and properties; undefined where it demands nothing. A rule of a feature that the protocol lacks is none.
 * Errors: `delta/broken-schema` (data) for an invariant that is not written as the protocol says.
 */
export function rowRulesOf({
  protocol,
  metadata,
  schema,
}: Pick<TableState, 'protocol' | 'metadata' | 'schema'>): RowRules | undefined {
  const checks: RowCheck[] = []
  const generated: ColumnExpression[] = []
  const defaults: ColumnExpression[] = []
  const has = (feature: string): boolean => supportsFeature(protocol, feature)
  for (const { path, field } of fieldsOf(schema)) {
    const { 'delta.invariants': invariant, 'delta.generationExpression': expression } = field.metadata
    if (invariant !== undefined && has('invariants'))
      checks.push({ kind: 'invariant', name: path, sql: invariantSql(path, invariant) })
    if (typeof expression === 'string' && has('generatedColumns')) generated.push({ column: path, sql: expression })
    const { CURRENT_DEFAULT: sql } = field.metadata
    if (typeof sql === 'string' && has('allowColumnDefaults')) defaults.push({ column: path, sql })
  }
  if (has('checkConstraints'))
    for (const [key, sql] of Object.entries(metadata.configuration))
      if (key.startsWith(constraintPrefix))
        checks.push({ kind: 'constraint', name: key.slice(constraintPrefix.length), sql })
  if (checks.length + generated.length + defaults.length === 0) return undefined
  return Object.freeze({ checks, generated, defaults })
}

const constraintPrefix = 'delta.constraints.'

/** `{"expression":{"expression":"<SQL>"}}`, as text in the column's metadata. */
function invariantSql(column: string, text: unknown): string {
  try {
    const parsed = JSON.parse(text as string) as { readonly expression?: { readonly expression?: unknown } } | null
    const sql = parsed?.expression?.expression
    if (typeof sql === 'string') return sql
  } catch {
    // Named below.
  }
  const message = `metaData.schemaString: delta.invariants of column ${column} holds no expression.expression`
  throw new SiltError('data', 'delta/broken-schema', message, { context: { column } })
}
