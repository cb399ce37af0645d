import { primitiveType, SiltError, type DataType, type StructField, type StructType } from '@silt/core'

/**
 * The schema of a `metaData` action (Delta PROTOCOL § Schema Serialization Format).
 * Throws `delta/broken-schema` (data) naming the column, or `delta/unsupported-type` (unsupported) naming the type.
 */
export function parseSchema(schemaString: string): StructType {
  let value: unknown
  try {
    value = JSON.parse(schemaString)
  } catch (cause) {
    throw new SiltError('data', 'delta/broken-schema', 'metaData.schemaString is not JSON', { cause })
  }
  const type = readType(value, '', 0)
  if (typeof type === 'string' || type.type !== 'struct') throw brokenSchema('', 'the schema must be a struct')
  return type
}

/** The JSON text of a schema; the reverse of `parseSchema`. */
export function schemaToString(schema: StructType): string {
  return JSON.stringify(schema)
}

/** Types within each other: deeper ones are no schema that anybody made, and would take the stack. */
const depthMax = 500

function readType(value: unknown, path: string, depth: number): DataType {
  if (depth > depthMax) throw brokenSchema(path.slice(0, 100), `types nest deeper than ${depthMax}`)
  if (typeof value === 'string') return primitiveType(value) ?? unsupportedType(path, value)
  if (!isObject(value)) throw brokenSchema(path, 'a type must be a name or an object')
  switch (value['type']) {
    case 'struct':
      return readStruct(value, path, depth)
    case 'array':
      return {
        type: 'array',
        elementType: readType(value['elementType'], `${path}.element`, depth + 1),
        containsNull: value['containsNull'] !== false,
      }
    case 'map':
      return {
        type: 'map',
        keyType: readType(value['keyType'], `${path}.key`, depth + 1),
        valueType: readType(value['valueType'], `${path}.value`, depth + 1),
        valueContainsNull: value['valueContainsNull'] !== false,
      }
    default:
      return unsupportedType(path, JSON.stringify(value['type']))
  }
}

function readStruct(value: Readonly<Record<string, unknown>>, path: string, depth: number): StructType {
  if (!Array.isArray(value['fields'])) throw brokenSchema(path, 'a struct needs a list of fields')
  const fields = value['fields'].map((each: unknown): StructField => {
    if (!isObject(each) || typeof each['name'] !== 'string') throw brokenSchema(path, 'a field needs a name')
    const name = each['name']
    const metadata = isObject(each['metadata']) ? each['metadata'] : {}
    const type = readType(each['type'], path === '' ? name : `${path}.${name}`, depth + 1)
    return Object.freeze({ name, type, nullable: each['nullable'] !== false, metadata })
  })
  return Object.freeze({ type: 'struct', fields: Object.freeze(fields) })
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function brokenSchema(path: string, problem: string): SiltError {
  return new SiltError('data', 'delta/broken-schema', `metaData.schemaString: ${problem}`, {
    context: { column: path },
  })
}

function unsupportedType(path: string, name: string): never {
  const message = `column ${path} has the type ${name}, which Silt does not know; nothing was read or written`
  throw new SiltError('unsupported', 'delta/unsupported-type', message, { context: { column: path, type: name } })
}
