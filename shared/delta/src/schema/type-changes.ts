import { decimalOf, type DataType, type StructType } from '@silt/core'
import { fieldsOf } from './walk-schema.ts'

/** The first change of a column's type in the schema's history that the protocol does not allow (Delta PROTOCOL § Type Widening), in words; undefined where there is none. */
export function unknownTypeChange(schema: StructType): string | undefined {
  for (const { path, field } of fieldsOf(schema)) {
    const changes = field.metadata['delta.typeChanges']
    if (changes === undefined) continue
    if (!Array.isArray(changes)) return `column ${path} has delta.typeChanges that are no list`
    for (const change of changes as readonly unknown[]) {
      const { fromType, toType } = (change ?? {}) as { readonly fromType?: unknown; readonly toType?: unknown }
      if (typeof fromType !== 'string' || typeof toType !== 'string' || !isWidening(fromType, toType))
        return `column ${path} changed its type from ${JSON.stringify(fromType)} to ${JSON.stringify(toType)}`
    }
  }
  return undefined
}

const integers: Readonly<Record<string, number>> = { byte: 10, short: 10, integer: 10, long: 20 }
const integerOrder = Object.keys(integers)

/** Whether the protocol lets a column of one type become one of the other. */
function isWidening(from: string, to: string): boolean {
  const [before, after] = [integerOrder.indexOf(from), integerOrder.indexOf(to)]
  if (before >= 0 && after >= 0) return before < after
  if (from === 'float' || (before >= 0 && from !== 'long')) if (to === 'double') return true
  if (from === 'date') return to === 'timestamp_ntz'
  const wide = decimalOf(spelled(to))
  if (wide === undefined) return false
  const digits = integers[from]
  if (digits !== undefined) return wide.scale >= 0 && wide.precision - digits >= wide.scale
  const narrow = decimalOf(spelled(from))
  if (narrow === undefined) return false
  const more = wide.scale - narrow.scale
  return more >= 0 && wide.precision - narrow.precision >= more
}

/** Histories have types as engines print them: `decimal(10, 4)`. */
function spelled(type: string): DataType {
  return type.replaceAll(' ', '') as DataType
}
