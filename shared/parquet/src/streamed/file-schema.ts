import { assert, decimalOf, field, SiltError, struct, type DataType, type StructType } from '@silt/core'
import { type CompactWriter, thrift } from './compact-writer.ts'

/** Numbers of parquet.thrift. */
export const physical = { boolean: 0, int32: 1, int64: 2, float: 4, double: 5, byteArray: 6 } as const
const repetition = { required: 0, optional: 1, repeated: 2 } as const
const converted = { utf8: 0, map: 1, list: 3, decimal: 5, date: 6, timestampMicros: 10, int8: 15, int16: 16 } as const

/** A leaf column of a file being written. */
export interface WrittenLeaf {
  readonly path: readonly string[]
  readonly type: DataType
  readonly physical: number
  readonly levelMax: number
  readonly repeatMax: number
}

interface Element {
  readonly name: string
  readonly repetition: number
  readonly children: number
  readonly physical?: number
  readonly converted?: number
  readonly decimal?: { readonly precision: number; readonly scale: number }
}

/** What stands below a column: its entries' struct, for a map. */
export function entryType(type: Exclude<DataType, string | StructType>): StructType {
  assert(type.type === 'map', 'a map has entries')
  return struct([field('key', type.keyType, false), field('value', type.valueType, type.valueContainsNull)])
}

/** The schema as Parquet spells it, and its leaves in order. `parquet/unsupported-type` (unsupported) for lists within lists and wide decimals. */
export function fileSchema(schema: StructType): {
  readonly leaves: readonly WrittenLeaf[]
  readonly write: (footer: CompactWriter) => void
} {
  const elements: Element[] = [{ name: 'schema', repetition: repetition.required, children: schema.fields.length }]
  const leaves: WrittenLeaf[] = []
  const add = (path: readonly string[], type: DataType, isNullable: boolean, level: number, repeat: number): void => {
    const name = path.at(-1) ?? ''
    const own = level + (isNullable ? 1 : 0)
    const base = { name, repetition: isNullable ? repetition.optional : repetition.required }
    if (typeof type === 'string') {
      const { physical, ...annotation } = primitive(path, type)
      elements.push({ ...base, children: 0, physical, ...annotation })
      leaves.push({ path, type, physical, levelMax: own, repeatMax: repeat })
    } else if (type.type === 'struct') {
      elements.push({ ...base, children: type.fields.length })
      for (const each of type.fields) add([...path, each.name], each.type, each.nullable, own, repeat)
    } else {
      if (repeat > 0) throw unsupported(path, 'is a list within a list')
      const isMap = type.type === 'map'
      const group = isMap ? 'key_value' : 'list'
      elements.push({ ...base, children: 1, converted: isMap ? converted.map : converted.list })
      elements.push({ name: group, repetition: repetition.repeated, children: isMap ? 2 : 1 })
      const inner = [...path, group]
      if (!isMap) add([...inner, 'element'], type.elementType, type.containsNull, own + 1, 1)
      else for (const each of entryType(type).fields) add([...inner, each.name], each.type, each.nullable, own + 1, 1)
    }
  }
  for (const each of schema.fields) add([each.name], each.type, each.nullable, 0, 0)
  return { leaves, write: (footer) => writeElements(footer, elements) }
}

function writeElements(footer: CompactWriter, elements: readonly Element[]): void {
  footer.list(2, thrift.struct, elements.length)
  elements.forEach((element, index) => {
    footer.begin()
    if (element.physical !== undefined) footer.i32(1, element.physical)
    if (index > 0) footer.i32(3, element.repetition)
    footer.text(4, element.name)
    if (element.children > 0) footer.i32(5, element.children)
    if (element.converted !== undefined) footer.i32(6, element.converted)
    if (element.decimal !== undefined) footer.i32(7, element.decimal.scale).i32(8, element.decimal.precision)
    footer.end()
  })
}

function primitive(
  path: readonly string[],
  type: string,
): Pick<Element, 'converted' | 'decimal'> & { physical: number } {
  switch (type) {
    case 'string':
      return { physical: physical.byteArray, converted: converted.utf8 }
    case 'binary':
      return { physical: physical.byteArray }
    case 'long':
      return { physical: physical.int64 }
    case 'integer':
      return { physical: physical.int32 }
    case 'short':
      return { physical: physical.int32, converted: converted.int16 }
    case 'byte':
      return { physical: physical.int32, converted: converted.int8 }
    case 'boolean':
      return { physical: physical.boolean }
    case 'double':
      return { physical: physical.double }
    case 'float':
      return { physical: physical.float }
    case 'date':
      return { physical: physical.int32, converted: converted.date }
    case 'timestamp':
      return { physical: physical.int64, converted: converted.timestampMicros }
    default: {
      const decimal = decimalOf(type as DataType)
      if (decimal === undefined || decimal.precision > 18) throw unsupported(path, `is ${type}`)
      return { physical: physical.int64, converted: converted.decimal, decimal }
    }
  }
}

function unsupported(path: readonly string[], problem: string): SiltError {
  return new SiltError('unsupported', 'parquet/unsupported-type', `column ${path.join('.')} ${problem}`)
}
