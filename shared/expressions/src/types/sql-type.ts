import { decimalOf, type DataType } from '@silt/core'

/** A type of Delta, or `void`, that of a bare NULL. */
export type SqlType = DataType | 'void'

export interface DecimalShape {
  readonly precision: number
  readonly scale: number
}

export const decimalPrecisionMax = 38

export function decimalType({ precision, scale }: DecimalShape): DataType {
  return `decimal(${precision},${scale})`
}

export function shapeOf(type: SqlType): DecimalShape | undefined {
  return type === 'void' ? undefined : decimalOf(type)
}

export function isDecimal(type: SqlType): boolean {
  return shapeOf(type) !== undefined
}

export function isIntegral(type: SqlType): type is 'byte' | 'short' | 'integer' | 'long' {
  return type === 'byte' || type === 'short' || type === 'integer' || type === 'long'
}

export function isFloating(type: SqlType): type is 'float' | 'double' {
  return type === 'float' || type === 'double'
}

export function isNumeric(type: SqlType): boolean {
  return isIntegral(type) || isFloating(type) || isDecimal(type)
}

export function isDatetime(type: SqlType): type is 'date' | 'timestamp' | 'timestamp_ntz' {
  return type === 'date' || type === 'timestamp' || type === 'timestamp_ntz'
}

export function isAtomic(type: SqlType): boolean {
  return typeof type === 'string' && type !== 'void'
}

export function isSameType(left: SqlType, right: SqlType): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right)
}

/** A type as Spark's SQL writes it. */
export function typeText(type: SqlType): string {
  if (typeof type !== 'string') {
    switch (type.type) {
      case 'array':
        return `ARRAY<${typeText(type.elementType)}>`
      case 'map':
        return `MAP<${typeText(type.keyType)}, ${typeText(type.valueType)}>`
      case 'struct': {
        const fields = type.fields.map((each) => `${quoteName(each.name)}: ${typeText(each.type)}`)
        return `STRUCT<${fields.join(', ')}>`
      }
    }
  }
  const names: Readonly<Record<string, string>> = { long: 'BIGINT', integer: 'INT', short: 'SMALLINT', byte: 'TINYINT' }
  return names[type] ?? type.toUpperCase()
}

/** A name as it reads back: in backquotes where it is no plain word. */
export function quoteName(name: string): string {
  return /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) ? name : `\`${name.replaceAll('`', '``')}\``
}
