import { typeText } from '../types/sql-type.ts'
import type { BindingScope } from './binding-scope.ts'
import type { Operand } from './bound.ts'

/** FALSE as soon as one is; what stands behind that one is not looked at. */
export function conjunction(scope: BindingScope, operands: readonly Operand[], at: number): Operand {
  return logical(scope, operands, false, at)
}

/** TRUE as soon as one is; what stands behind that one is not looked at. */
export function disjunction(scope: BindingScope, operands: readonly Operand[], at: number): Operand {
  return logical(scope, operands, true, at)
}

export function not(scope: BindingScope, operand: Operand, at: number): Operand {
  return scope.strict(at, 'boolean', [truth(scope, operand)], (value) => value !== true)
}

export function is(
  scope: BindingScope,
  operand: Operand,
  what: 'NULL' | 'TRUE' | 'FALSE',
  isNegated: boolean,
  at: number,
): Operand {
  const asked = what === 'NULL' ? operand : truth(scope, operand)
  const wanted = what === 'NULL' ? null : what === 'TRUE'
  return scope.fold(at, 'boolean', [asked], (row, context) => (asked.run(row, context) === wanted) !== isNegated)
}

export function truth(scope: BindingScope, operand: Operand): Operand {
  if (operand.type === 'void' || operand.type === 'string') return scope.cast(operand, 'boolean')
  if (operand.type === 'boolean') return operand
  throw scope.unsupported(`${typeText(operand.type)} as a condition`, operand.at)
}

function logical(scope: BindingScope, operands: readonly Operand[], decisive: boolean, at: number): Operand {
  const truths = operands.map((each) => truth(scope, each))
  return scope.fold(at, 'boolean', truths, (row, context) => {
    let isUnknown = false
    for (const each of truths) {
      const value = each.run(row, context)
      if (value === decisive) return decisive
      if (value === null) isUnknown = true
    }
    return isUnknown ? null : !decisive
  })
}
