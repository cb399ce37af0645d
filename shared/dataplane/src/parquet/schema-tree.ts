import {
  decimalOf,
  field,
  parquetFieldId,
  SiltError,
  type StructField,
  type StructType,
  type DataType,
} from '@silt/core'
import { encoding, physicalType, repetitionType, type PhysicalType } from './format.ts'
import { fixedWidthOf, logicalTypeOf, type LogicalType } from './logical-types.ts'

/** A schema element of the footer, depth first. */
export interface SchemaElement {
  readonly name: string
  readonly repetition: number
  readonly childCount: number
  readonly physical?: PhysicalType
  readonly width?: number
  readonly logical?: LogicalType
  readonly fieldId?: number
}

/** A leaf column. */
export interface LeafColumn {
  readonly path: readonly string[]
  readonly type: DataType
  readonly physical: PhysicalType
  /** Bytes of a FIXED_LEN_BYTE_ARRAY, else 0. */
  readonly width: number
  readonly levelMax: number
  readonly repeatMax: number
  /** Definition level at which the outermost list or map is there, 0 where the leaf is below none. */
  readonly listLevel: number
  /** What the plane begins a chunk with. */
  readonly startEncoding: number
}

export interface SchemaTree {
  readonly elements: readonly SchemaElement[]
  readonly leaves: readonly LeafColumn[]
}

/** Nesting beyond this is refused: levels are held one a byte, and no table needs it. */
const levelsMax = 100

/**
 * A file's schema as Parquet spells it (LogicalTypes.md), with the `field_id`s of a physical schema: lists as `list.element`, maps as `key_value.key` and `.value`, the names Spark writes.
 * `parquet/unsupported-type` (unsupported) for a type without a Parquet form here, nesting beyond 100 levels, or a struct without fields.
 */
export function schemaTree(schema: StructType): SchemaTree {
  const elements: SchemaElement[] = [
    { name: 'schema', repetition: repetitionType.required, childCount: schema.fields.length },
  ]
  const leaves: LeafColumn[] = []
  const into: Building = { elements, leaves }
  for (const each of schema.fields) add(into, each, { path: [], levels: 0, repeats: 0, listLevel: 0 })
  return { elements, leaves }
}

interface Building {
  readonly elements: SchemaElement[]
  readonly leaves: LeafColumn[]
}

interface Place {
  readonly path: readonly string[]
  readonly levels: number
  readonly repeats: number
  readonly listLevel: number
}

function add(into: Building, column: StructField, above: Place): void {
  const { name, type, nullable } = column
  const path = [...above.path, name]
  const repetition = nullable ? repetitionType.optional : repetitionType.required
  const place = { ...above, path, levels: above.levels + (nullable ? 1 : 0) }
  const fieldId = parquetFieldId(column)
  const base = { name, repetition, ...(fieldId === undefined ? {} : { fieldId }) }
  if (place.levels > levelsMax) throw unsupported(path, 'is nested too deeply')
  if (typeof type === 'string') {
    const { physical, logical } = logicalTypeOf(type) ?? unsupportedType(path, type)
    const width = physical === physicalType.fixedLenByteArray ? fixedWidthOf(decimalOf(type)?.precision ?? 0) : 0
    into.elements.push({
      ...base,
      childCount: 0,
      physical,
      ...(width === 0 ? {} : { width }),
      ...(logical === undefined ? {} : { logical }),
    })
    const { levels: levelMax, repeats: repeatMax, listLevel } = place
    into.leaves.push({
      path,
      type,
      physical,
      width,
      levelMax,
      repeatMax,
      listLevel,
      startEncoding: startEncodingOf(physical),
    })
    return
  }
  if (type.type === 'struct') {
    if (type.fields.length === 0) throw unsupported(path, 'is a struct without fields')
    into.elements.push({ ...base, childCount: type.fields.length })
    for (const each of type.fields) add(into, each, place)
    return
  }
  const logical: LogicalType = type.type === 'array' ? { kind: 'list' } : { kind: 'map' }
  into.elements.push({ ...base, childCount: 1, logical })
  const group = type.type === 'array' ? 'list' : 'key_value'
  const inner: Place = {
    path: [...path, group],
    levels: place.levels + 1,
    repeats: place.repeats + 1,
    listLevel: place.repeats === 0 ? place.levels : place.listLevel,
  }
  into.elements.push({
    name: group,
    repetition: repetitionType.repeated,
    childCount: type.type === 'array' ? 1 : 2,
  })
  if (type.type === 'array') add(into, field('element', type.elementType, type.containsNull), inner)
  else {
    add(into, field('key', type.keyType, false), inner)
    add(into, field('value', type.valueType, type.valueContainsNull), inner)
  }
}

function startEncodingOf(physical: PhysicalType): number {
  return physical === physicalType.boolean || physical === physicalType.fixedLenByteArray
    ? encoding.plain
    : encoding.rleDictionary
}

function unsupported(path: readonly string[], why: string): SiltError {
  return new SiltError('unsupported', 'parquet/unsupported-type', `column ${path.join('.')} ${why}`, {
    context: { path: path.join('.') },
  })
}

function unsupportedType(path: readonly string[], type: string): never {
  throw unsupported(path, `is ${type}, which has no Parquet form here`)
}
