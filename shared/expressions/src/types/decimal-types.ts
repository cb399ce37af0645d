import { decimalPrecisionMax, decimalType, shapeOf, type DecimalShape, type SqlType } from './sql-type.ts'
import type { DataType } from '@silt/core'

const divisionScaleMin = 6

/** The type of a decimal operation's result (Spark, precision loss allowed). */
export function decimalResult(
  operator: '+' | '-' | '*' | '/' | '%',
  left: DecimalShape,
  right: DecimalShape,
): DecimalShape {
  const { precision: p1, scale: s1 } = left
  const { precision: p2, scale: s2 } = right
  switch (operator) {
    case '+':
    case '-': {
      const scale = Math.max(s1, s2)
      return adjusted(Math.max(p1 - s1, p2 - s2) + scale + 1, scale)
    }
    case '*':
      return adjusted(p1 + p2 + 1, s1 + s2)
    case '/': {
      const scale = Math.max(divisionScaleMin, s1 + p2 + 1)
      return adjusted(p1 - s1 + s2 + scale, scale)
    }
    case '%': {
      const scale = Math.max(s1, s2)
      return adjusted(Math.min(p1 - s1, p2 - s2) + scale, scale)
    }
  }
}

/** The decimal that holds both, its integral digits cut where they do not fit. */
export function widerDecimal(left: DecimalShape, right: DecimalShape): DecimalShape {
  const scale = Math.max(left.scale, right.scale)
  const whole = Math.max(left.precision - left.scale, right.precision - right.scale)
  return {
    precision: Math.min(whole + scale, decimalPrecisionMax),
    scale: Math.min(scale, decimalPrecisionMax),
  }
}

/** The decimal that holds every value of a whole type, or the type itself. */
export function decimalFor(type: SqlType): DecimalShape | undefined {
  switch (type) {
    case 'byte':
      return { precision: 3, scale: 0 }
    case 'short':
      return { precision: 5, scale: 0 }
    case 'integer':
      return { precision: 10, scale: 0 }
    case 'long':
      return { precision: 20, scale: 0 }
    default:
      return shapeOf(type)
  }
}

/** A literal whole number needs no more digits than it has. */
export function decimalForLiteral(value: number | bigint): DataType {
  const digits = BigInt(value).toString().replace('-', '').length
  return decimalType({ precision: digits, scale: 0 })
}

/** Keeps the digits before the point, and of those behind it at least six where there are as many. */
function adjusted(precision: number, scale: number): DecimalShape {
  if (precision <= decimalPrecisionMax) return { precision, scale }
  const whole = precision - scale
  const scaleMin = Math.min(scale, divisionScaleMin)
  return { precision: decimalPrecisionMax, scale: Math.max(decimalPrecisionMax - whole, scaleMin) }
}
