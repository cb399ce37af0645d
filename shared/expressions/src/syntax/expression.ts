import type { DataType } from '@silt/core'
import type { SqlType } from '../types/sql-type.ts'
import type { SqlValue } from '../values/sql-value.ts'

export type ComparisonOperator = '=' | '<=>' | '<>' | '<' | '<=' | '>' | '>='
export type ArithmeticOperator = '+' | '-' | '*' | '/' | '%' | 'DIV'
export type BinaryOperator = ComparisonOperator | ArithmeticOperator | '||'
export type IntervalUnit =
  'YEAR' | 'MONTH' | 'WEEK' | 'DAY' | 'HOUR' | 'MINUTE' | 'SECOND' | 'MILLISECOND' | 'MICROSECOND'

/** A parsed expression, types unknown yet; `at` is where it begins in its text. Chains of AND and of OR are one node. */
export type Expression = { readonly at: number } & (
  | { readonly kind: 'literal'; readonly type: SqlType; readonly value: SqlValue }
  | { readonly kind: 'interval'; readonly count: number; readonly unit: IntervalUnit }
  | { readonly kind: 'name'; readonly parts: readonly string[] }
  | { readonly kind: 'negation'; readonly operand: Expression }
  | { readonly kind: 'not'; readonly operand: Expression }
  | {
      readonly kind: 'binary'
      readonly operator: BinaryOperator
      readonly left: Expression
      readonly right: Expression
    }
  | { readonly kind: 'logical'; readonly operator: 'AND' | 'OR'; readonly operands: readonly Expression[] }
  | {
      readonly kind: 'is'
      readonly what: 'NULL' | 'TRUE' | 'FALSE'
      readonly isNegated: boolean
      readonly operand: Expression
    }
  | {
      readonly kind: 'in'
      readonly isNegated: boolean
      readonly operand: Expression
      readonly items: readonly Expression[]
    }
  | {
      readonly kind: 'between'
      readonly isNegated: boolean
      readonly operand: Expression
      readonly low: Expression
      readonly high: Expression
    }
  | {
      readonly kind: 'like'
      readonly isNegated: boolean
      readonly operand: Expression
      readonly pattern: Expression
      readonly escape: string
    }
  | {
      readonly kind: 'case'
      readonly operand: Expression | undefined
      readonly branches: readonly { readonly when: Expression; readonly then: Expression }[]
      readonly otherwise: Expression | undefined
    }
  | { readonly kind: 'cast'; readonly isTry: boolean; readonly operand: Expression; readonly type: DataType }
  | { readonly kind: 'call'; readonly name: string; readonly operands: readonly Expression[] }
)
