/** A condition every row must meet: it must be TRUE, neither FALSE nor NULL (Delta PROTOCOL § CHECK Constraints, § Column Invariants). */
export interface RowCheck {
  readonly kind: 'constraint' | 'invariant'
  /** The constraint's name; of an invariant its column, dotted where it is nested. */
  readonly name: string
  readonly sql: string
}

/** A column's value by an expression; `column` is a column's name as the table's schema spells it. */
export interface ColumnExpression {
  readonly column: string
  readonly sql: string
}

/**
 * What a table's metadata demands of its rows, as text of Spark's SQL; `@silt/expressions` evaluates it. In the order of the metadata.
 * A table that demands nothing has no rules at all (undefined where they are optional).
 */
export interface RowRules {
  readonly checks: readonly RowCheck[]
  /** § Generated Columns: a value given must be `<=>` the expression's, one left out is computed. */
  readonly generated: readonly ColumnExpression[]
  /** § Default Columns: stands in where a row says nothing of the column, not where it says null. */
  readonly defaults: readonly ColumnExpression[]
}
