import type { SqlType } from '../types/sql-type.ts'
import type { SqlStruct, SqlValue } from '../values/sql-value.ts'

/** What a row is beside its values. */
export interface RowContext {
  /** What current_timestamp() gives: µs since the epoch. */
  readonly nowMicros: bigint
}

/** An expression with its types known: evaluates a row. Throws `expressions/failed` (data) where Spark would fail. */
export interface Bound {
  readonly type: SqlType
  readonly run: (row: SqlStruct, context: RowContext) => SqlValue
  /** The same for every row. */
  readonly isConstant: boolean
  /** Of what is written as a literal, which decides on the digits of decimals. */
  readonly literal?: SqlValue
}

/** A bound expression and where it stands in the text. */
export interface Operand extends Bound {
  readonly at: number
}
