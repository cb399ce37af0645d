import type { BindingScope } from '../binding/binding-scope.ts'
import type { Operand } from '../binding/bound.ts'
import { arithmetic } from '../binding/arithmetic.ts'
import {
  decimalPrecisionMax,
  decimalType,
  isDecimal,
  isFloating,
  isIntegral,
  shapeOf,
  typeText,
} from '../types/sql-type.ts'
import { floorDivide } from '../values/calendar.ts'
import { fitWhole } from '../values/cast.ts'
import { decimalOfDouble, fitDecimal, magnitude, rescale } from '../values/decimal.ts'
import { failure } from '../values/sql-value.ts'
import { requireCount, type CallSite, type FunctionRule } from './function-rule.ts'

const absolute: FunctionRule = (scope, operands, site) => {
  requireCount(scope, operands, site, 1)
  const operand = number(scope, operands[0]!, site)
  const { type } = operand
  if (isIntegral(type))
    return scope.strict(site.at, type, [operand], (value) =>
      fitWhole(magnitude(BigInt(value as number | bigint)), type),
    )
  if (isFloating(type)) return scope.strict(site.at, type, [operand], (value) => Math.abs(value as number))
  return scope.strict(site.at, type, [operand], (value) => magnitude(value as bigint))
}

/** floor and ceil: a long of whole numbers and doubles, a decimal of the digits before the point of decimals. */
const towards =
  (up: boolean): FunctionRule =>
  (scope, operands, site) => {
    requireCount(scope, operands, site, 1)
    const operand = number(scope, operands[0]!, site)
    const shape = shapeOf(operand.type)
    if (shape === undefined) {
      if (isIntegral(operand.type)) return scope.cast(operand, 'long')
      const whole = scope.strict(site.at, 'double', [scope.cast(operand, 'double')], (value) =>
        up ? Math.ceil(value as number) : Math.floor(value as number),
      )
      return scope.strict(site.at, 'long', [whole], (value) => saturated(value as number))
    }
    const unit = 10n ** BigInt(shape.scale)
    const type = decimalType({ precision: Math.min(shape.precision - shape.scale + 1, decimalPrecisionMax), scale: 0 })
    return scope.strict(site.at, type, [operand], (value) => {
      const unscaled = value as bigint
      return up ? -floorDivide(-unscaled, unit) : floorDivide(unscaled, unit)
    })
  }

/** As Java makes a long of a double: NaN is 0, and what is beyond is the last there is. */
function saturated(value: number): bigint {
  if (Number.isNaN(value)) return 0n
  if (value >= 2 ** 63) return 2n ** 63n - 1n
  return value <= -(2 ** 63) ? -(2n ** 63n) : BigInt(value)
}

const placesMax = 38

/** round(x) and round(x, places), half up, away from zero; places a constant from 0 on. */
const round: FunctionRule = (scope, operands, site) => {
  requireCount(scope, operands, site, 1, 2)
  const operand = number(scope, operands[0]!, site)
  const places = operands[1] === undefined ? 0 : constantPlaces(scope, operands[1])
  const { type } = operand
  // Whole numbers have no digits behind the point.
  if (isIntegral(type)) return operand
  if (isFloating(type))
    return scope.strict(site.at, type, [operand], (value) => {
      const decimal = decimalOfDouble(value as number)
      if (decimal === undefined || decimal.scale <= places) return value
      const rounded = Number(`${rescale(decimal.unscaled, decimal.scale, places)}e-${places}`)
      return type === 'float' ? Math.fround(rounded) : rounded
    })
  const shape = shapeOf(type)!
  const scale = Math.min(shape.scale, places)
  const result = { precision: Math.min(shape.precision - shape.scale + scale + 1, decimalPrecisionMax), scale }
  return scope.strict(site.at, decimalType(result), [operand], (value) => {
    const fitted = fitDecimal({ unscaled: value as bigint, scale: shape.scale }, result)
    if (fitted === undefined) throw failure(`a number beyond ${typeText(decimalType(result))}`)
    return fitted
  })
}

function constantPlaces(scope: BindingScope, operand: Operand): number {
  const value = operand.isConstant && operand.type === 'integer' ? operand.run([], { nowMicros: 0n }) : undefined
  if (typeof value !== 'number' || value < 0 || value > placesMax)
    throw scope.unsupported('rounding to other than a constant count of places, 0 to 38', operand.at)
  return value
}

function number(scope: BindingScope, operand: Operand, site: CallSite): Operand {
  const { type } = operand
  if (type === 'string' || type === 'void') return scope.cast(operand, 'double')
  if (isIntegral(type) || isFloating(type) || isDecimal(type)) return operand
  throw scope.unsupported(`function ${site.name} of ${typeText(type)}`, site.at)
}

const modulo: FunctionRule = (scope, operands, site) => {
  requireCount(scope, operands, site, 2)
  return arithmetic(scope, '%', operands[0]!, operands[1]!, site.at)
}

export const numberFunctions: readonly (readonly [string, FunctionRule])[] = [
  ['abs', absolute],
  ['floor', towards(false)],
  ['ceil', towards(true)],
  ['ceiling', towards(true)],
  ['round', round],
  ['mod', modulo],
  ['isnan', isNotANumber],
]

function isNotANumber(scope: BindingScope, operands: readonly Operand[], site: CallSite): Operand {
  requireCount(scope, operands, site, 1)
  const operand = operands[0]!
  const asked = isFloating(operand.type) ? operand : scope.coerce(operand, 'double', 'function isnan')
  // NULL is no NaN.
  return scope.fold(site.at, 'boolean', [asked], (row, context) => Number.isNaN(asked.run(row, context)))
}
