import { compare } from '../binding/comparison.ts'
import { is, truth } from '../binding/logic.ts'
import type { BindingScope } from '../binding/binding-scope.ts'
import type { Operand } from '../binding/bound.ts'
import { commonTypeOf, commonTypeWithoutText } from '../types/common-type.ts'
import { typeText, type SqlType } from '../types/sql-type.ts'
import { comparatorOf } from '../values/compare.ts'
import type { SqlValue } from '../values/sql-value.ts'
import { requireCount, type CallSite, type FunctionRule } from './function-rule.ts'

const many = 1_000

const coalesce: FunctionRule = (scope, operands, site) => {
  requireCount(scope, operands, site, 1, many)
  const { cast, type } = common(scope, operands, site)
  return scope.fold(site.at, type, cast, (row, context) => {
    for (const each of cast) {
      const value = each.run(row, context)
      if (value !== null) return value
    }
    return null
  })
}

const ifElse: FunctionRule = (scope, operands, site) => {
  requireCount(scope, operands, site, 3)
  const condition = truth(scope, operands[0]!)
  const { cast, type } = common(scope, operands.slice(1), site)
  const [then, otherwise] = cast as [Operand, Operand]
  return scope.fold(site.at, type, [condition, then, otherwise], (row, context) =>
    (condition.run(row, context) === true ? then : otherwise).run(row, context),
  )
}

const nullIf: FunctionRule = (scope, operands, site) => {
  requireCount(scope, operands, site, 2)
  const [value, other] = operands as [Operand, Operand]
  const same = compare(scope, '=', value, other, site.at)
  return scope.fold(site.at, value.type, [same, value], (row, context) =>
    same.run(row, context) === true ? null : value.run(row, context),
  )
}

/** NULLs are passed over. */
const extreme =
  (sign: 1 | -1): FunctionRule =>
  (scope, operands, site) => {
    requireCount(scope, operands, site, 2, many)
    const type = operands.reduce<SqlType | undefined>(
      (found, each) => (found === undefined ? undefined : commonTypeWithoutText(found, each.type)),
      'void',
    )
    const order = type === undefined ? undefined : comparatorOf(type)
    if (type === undefined || order === undefined) throw mixed(scope, operands, site)
    const cast = scope.castAll(operands, type)
    return scope.fold(site.at, type, cast, (row, context) => {
      let best: SqlValue = null
      for (const each of cast) {
        const value = each.run(row, context)
        if (value !== null && (best === null || sign * order(value, best) > 0)) best = value
      }
      return best
    })
  }

const isNull =
  (isNegated: boolean): FunctionRule =>
  (scope, operands, site) => {
    requireCount(scope, operands, site, 1)
    return is(scope, operands[0]!, 'NULL', isNegated, site.at)
  }

export const conditionalFunctions: readonly (readonly [string, FunctionRule])[] = [
  ['coalesce', coalesce],
  ['nvl', binaryOnly(coalesce)],
  ['ifnull', binaryOnly(coalesce)],
  ['if', ifElse],
  ['nullif', nullIf],
  ['greatest', extreme(1)],
  ['least', extreme(-1)],
  ['isnull', isNull(false)],
  ['isnotnull', isNull(true)],
]

function binaryOnly(rule: FunctionRule): FunctionRule {
  return (scope, operands, site) => {
    requireCount(scope, operands, site, 2)
    return rule(scope, operands, site)
  }
}

function common(
  scope: BindingScope,
  operands: readonly Operand[],
  site: CallSite,
): { cast: readonly Operand[]; type: SqlType } {
  const type = commonTypeOf(operands.map((each) => each.type))
  if (type === undefined) throw mixed(scope, operands, site)
  return { type, cast: scope.castAll(operands, type) }
}

function mixed(scope: BindingScope, operands: readonly Operand[], { name, at }: CallSite): Error {
  return scope.unsupported(`function ${name} of ${operands.map((each) => typeText(each.type)).join(', ')}`, at)
}
