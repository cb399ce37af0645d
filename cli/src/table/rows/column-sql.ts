import { decimalOf, type DataType, type StructField, type StructType } from '@silt/core'
import { name, text } from './duckdb.ts'
import type { FileField, FileType } from './file-type.ts'

/** How a file's columns are found (Delta PROTOCOL § Column Mapping): by their names in the schema, by physical name, or by field id. */
export type MappingMode = 'none' | 'name' | 'id'

/** The DuckDB type whose values are those of a Delta type. */
export function duckType(type: DataType): string {
  if (typeof type === 'string') return plainTypes[type] ?? decimalType(type)
  if (type.type === 'array') return `${duckType(type.elementType)}[]`
  if (type.type === 'map') return `MAP(${duckType(type.keyType)}, ${duckType(type.valueType)})`
  return `STRUCT(${type.fields.map((each) => `${name(each.name)} ${duckType(each.type)}`).join(', ')})`
}

/** The name a field has in files and in `partitionValues`. */
export function physicalName(field: StructField, mode: MappingMode): string {
  const physical = field.metadata['delta.columnMapping.physicalName']
  return mode !== 'none' && typeof physical === 'string' ? physical : field.name
}

/**
 * A column of the table out of a file that has `fields`, which lie in the relation `source`: renamed and cast at every depth, null where the file lacks
 * it, so files of an older schema and of narrower types read as rows of today's.
 */
export function columnSql(field: StructField, fields: readonly FileField[], source: string, mode: MappingMode): string {
  return fieldSql(field, fields, (each) => `${source}.${name(each.name)}`, mode, 0)
}

/** A partition value as a value of its column (§ Partition Value Serialization); `valueSql` is the text as SQL, null for null. */
export function partitionSql(type: DataType, valueSql: string): string {
  const given = `nullif(${valueSql}, '')`
  if (type === 'string') return given
  if (type === 'binary') return `encode(${given})`
  return `CAST(${given} AS ${duckType(type)})`
}

const plainTypes: Readonly<Record<string, string>> = {
  string: 'VARCHAR',
  long: 'BIGINT',
  integer: 'INTEGER',
  short: 'SMALLINT',
  byte: 'TINYINT',
  float: 'FLOAT',
  double: 'DOUBLE',
  boolean: 'BOOLEAN',
  binary: 'BLOB',
  date: 'DATE',
  timestamp: 'TIMESTAMP WITH TIME ZONE',
  timestamp_ntz: 'TIMESTAMP',
  // Unshredded, as it lies in the file (§ Variant Data Type).
  variant: 'STRUCT("value" BLOB, "metadata" BLOB)',
  // Nothing but nulls, which are of any type.
  void: 'INTEGER',
}

function decimalType(type: string): string {
  const decimal = decimalOf(type as DataType)
  return decimal === undefined ? 'VARCHAR' : `DECIMAL(${decimal.precision},${decimal.scale})`
}

function fieldSql(
  field: StructField,
  fields: readonly FileField[],
  access: (field: FileField) => string,
  mode: MappingMode,
  depth: number,
): string {
  const found = fields.find((each) => isSame(each, field, mode))
  return found === undefined
    ? `CAST(NULL AS ${duckType(field.type)})`
    : valueSql(field.type, found.type, access(found), mode, depth)
}

function isSame(found: FileField, field: StructField, mode: MappingMode): boolean {
  if (mode === 'id') return found.fieldId !== undefined && found.fieldId === field.metadata['delta.columnMapping.id']
  return found.name === physicalName(field, mode)
}

function valueSql(type: DataType, found: FileType, source: string, mode: MappingMode, depth: number): string {
  if (typeof type === 'string') return leafSql(type, found, source)
  if (type.type === 'struct' && found.kind === 'struct') {
    if (isUnchanged(type, found, mode)) return source
    const packed = type.fields.map((each) => {
      const value = fieldSql(each, found.fields, (one) => `struct_extract(${source}, ${text(one.name)})`, mode, depth)
      return `${name(each.name)} := ${value}`
    })
    return `CASE WHEN ${source} IS NULL THEN NULL ELSE struct_pack(${packed.join(', ')}) END`
  }
  const variable = `x${depth}`
  if (type.type === 'array' && found.kind === 'list') {
    if (isUnchanged(type, found, mode)) return source
    const element = valueSql(type.elementType, found.element, variable, mode, depth + 1)
    return `list_transform(${source}, lambda ${variable}: ${element})`
  }
  if (type.type === 'map' && found.kind === 'map') {
    if (isUnchanged(type, found, mode)) return source
    const key = valueSql(type.keyType, found.key, `${variable}.key`, mode, depth + 1)
    const value = valueSql(type.valueType, found.value, `${variable}.value`, mode, depth + 1)
    const entries = `list_transform(map_entries(${source}), lambda ${variable}: struct_pack(k := ${key}, v := ${value}))`
    return `CASE WHEN ${source} IS NULL THEN NULL ELSE map_from_entries(${entries}) END`
  }
  // Not a file of this table: the cast fails and says so.
  return `CAST(${source} AS ${duckType(type)})`
}

function leafSql(type: string, found: FileType, source: string): string {
  const wanted = duckType(type as DataType)
  if (found.kind === 'leaf' && found.name === wanted) return source
  // Writers of old leave out that bytes are text.
  if (type === 'string' && found.kind === 'leaf' && found.name === 'BLOB') return `decode(${source})`
  if (type === 'binary' && found.kind === 'leaf' && found.name === 'VARCHAR') return `encode(${source})`
  return `CAST(${source} AS ${wanted})`
}

function isUnchanged(type: DataType, found: FileType, mode: MappingMode): boolean {
  if (typeof type === 'string') return found.kind === 'leaf' && found.name === duckType(type)
  if (type.type === 'array') return found.kind === 'list' && isUnchanged(type.elementType, found.element, mode)
  if (type.type === 'map')
    return (
      found.kind === 'map' &&
      isUnchanged(type.keyType, found.key, mode) &&
      isUnchanged(type.valueType, found.value, mode)
    )
  return found.kind === 'struct' && hasSameFields(type, found.fields, mode)
}

function hasSameFields(type: StructType, found: readonly FileField[], mode: MappingMode): boolean {
  return (
    type.fields.length === found.length &&
    type.fields.every((each, index) => {
      const one = found[index] as FileField
      return one.name === each.name && isSame(one, each, mode) && isUnchanged(each.type, one.type, mode)
    })
  )
}
