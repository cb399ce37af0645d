import { primitiveType, struct, type DataType, type PrimitiveType, type StructField, type StructType } from '@silt/core'
import { booleanOf, listOf, malformed, member, nameOf, objectOf, type Found } from './json-shape.ts'

const columnsMax = 10_000
/** As deep as the schemas of tables are read: no job is malformed by the schema of a table that is written to. */
const depthMax = 500

/** A struct type in Delta's schema serialization, as a job carries it; at most 500 levels deep. */
export function structTypeOf(found: Found, depth = 0): StructType {
  if (depth > depthMax) malformed(found, `a type of at most ${depthMax} levels`)
  if (member(found, 'type').value !== 'struct') malformed(member(found, 'type'), '"struct"')
  return struct(listOf(member(found, 'fields'), columnsMax, (item) => fieldOf(item, depth + 1)))
}

function fieldOf(found: Found, depth: number): StructField {
  return Object.freeze({
    name: nameOf(member(found, 'name')),
    type: dataTypeOf(member(found, 'type'), depth),
    nullable: booleanOf(member(found, 'nullable')),
    metadata: objectOf(member(found, 'metadata')),
  })
}

function dataTypeOf(found: Found, depth: number): DataType {
  const { value } = found
  if (depth > depthMax) malformed(found, `a type of at most ${depthMax} levels`)
  if (typeof value === 'string') return primitiveOf(found, value)
  const kind = member(found, 'type')
  switch (kind.value) {
    case 'struct':
      return structTypeOf(found, depth)
    case 'array':
      return Object.freeze({
        type: 'array',
        elementType: dataTypeOf(member(found, 'elementType'), depth + 1),
        containsNull: booleanOf(member(found, 'containsNull')),
      })
    case 'map':
      return Object.freeze({
        type: 'map',
        keyType: dataTypeOf(member(found, 'keyType'), depth + 1),
        valueType: dataTypeOf(member(found, 'valueType'), depth + 1),
        valueContainsNull: booleanOf(member(found, 'valueContainsNull')),
      })
    default:
      return malformed(kind, '"struct", "array" or "map"')
  }
}

function primitiveOf(found: Found, name: string): PrimitiveType {
  return primitiveType(name) ?? malformed(found, 'a Delta primitive type')
}
