import type { DataType, StructField, StructType } from '@silt/core'

/** Every field of a schema, nested ones too, with its dotted path. */
export function* fieldsOf(
  schema: StructType,
  prefix = '',
): Generator<{ readonly path: string; readonly field: StructField }> {
  for (const field of schema.fields) {
    const path = prefix === '' ? field.name : `${prefix}.${field.name}`
    yield { path, field }
    if (typeof field.type !== 'string') for (const nested of structsIn(field.type)) yield* fieldsOf(nested, path)
  }
}

/** A struct and all within it. */
export function* structsOf(schema: StructType): Generator<StructType> {
  yield schema
  for (const { type } of schema.fields)
    if (typeof type !== 'string') for (const nested of structsIn(type)) yield* structsOf(nested)
}

/** Every type in a schema that is no container, with the dotted path of its field. */
export function* leafTypes(schema: StructType): Generator<{ readonly path: string; readonly type: string }> {
  for (const { path, field } of fieldsOf(schema)) for (const type of leavesIn(field.type)) yield { path, type }
}

function* leavesIn(type: DataType): Generator<string> {
  if (typeof type === 'string') yield type
  else if (type.type === 'array') yield* leavesIn(type.elementType)
  else if (type.type === 'map') {
    yield* leavesIn(type.keyType)
    yield* leavesIn(type.valueType)
  }
}

function* structsIn(type: DataType): Generator<StructType> {
  if (typeof type === 'string') return
  if (type.type === 'struct') yield type
  else if (type.type === 'array') yield* structsIn(type.elementType)
  else {
    yield* structsIn(type.keyType)
    yield* structsIn(type.valueType)
  }
}

/** The dotted path of a column of type void, or with such a field in it (Delta PROTOCOL § Void Type). */
export function voidColumn(schema: StructType): string | undefined {
  for (const { path, type } of leafTypes(schema)) if (type === 'void') return path
  return undefined
}
