import type { BindingScope } from '../binding/binding-scope.ts'
import type { Operand } from '../binding/bound.ts'
import type { DataType } from '@silt/core'
import type { SqlValue } from '../values/sql-value.ts'

/** Where a call stands, and by what name. */
export interface CallSite {
  readonly at: number
  readonly name: string
}

/** Binds a call of one function. */
export type FunctionRule = (scope: BindingScope, operands: readonly Operand[], site: CallSite) => Operand

/** `expressions/unsupported` where the count of operands is not one the function has. */
export function requireCount(
  scope: BindingScope,
  operands: readonly Operand[],
  site: CallSite,
  least: number,
  most = least,
): void {
  if (operands.length >= least && operands.length <= most) return
  throw scope.unsupported(`function ${site.name} of ${operands.length} operands`, site.at)
}

/** Operands that were left out are undefined. */
type Apply = (...values: (NonNullable<SqlValue> | undefined)[]) => SqlValue

/** A function of fixed types that is NULL where an operand is; the last `optional` of its operands may be left out. */
export function strictFunction(types: readonly DataType[], result: DataType, apply: Apply, optional = 0): FunctionRule {
  return (scope, operands, site) => {
    requireCount(scope, operands, site, types.length - optional, types.length)
    const cast = operands.map((each, index) => scope.coerce(each, types[index]!, `function ${site.name}`))
    return scope.strict(site.at, result, cast, apply)
  }
}

/** The text of an operand that must be the same for every row. */
export function constantText(scope: BindingScope, operand: Operand, what: string): string {
  const value = operand.isConstant && operand.type === 'string' ? operand.run([], { nowMicros: 0n }) : null
  if (typeof value !== 'string') throw scope.unsupported(`${what} that is no constant text`, operand.at)
  return value
}
