import { assert } from './errors.ts'
import { sha256Hex } from './digest.ts'
import { struct, type DataType, type StructField, type StructType } from './schema.ts'

/** A table whose files name columns by their physical names (Delta PROTOCOL § Column Mapping). */
export interface ColumnMapping {
  readonly mode: 'name' | 'id'
  /** The table's id, from which physical names are made. */
  readonly tableId: string
  /** Highest id ever given to a column, `delta.columnMapping.maxColumnId`. */
  readonly maxColumnId: number
}

const idKey = 'delta.columnMapping.id'
const physicalNameKey = 'delta.columnMapping.physicalName'

/** Where the fields of a physical schema carry what becomes the `field_id` of a Parquet SchemaElement. */
const fieldIdKey = 'parquet.field.id'

/** A field's column id; undefined where it has none that is one. */
export function columnId(field: StructField): number | undefined {
  const id = field.metadata[idKey]
  return typeof id === 'number' && Number.isInteger(id) && id >= 0 && id <= 0x7fffffff ? id : undefined
}

/** The name that files, partition values and statistics have for a field. */
export function physicalName(field: StructField, mapping: ColumnMapping | undefined): string {
  const name = mapping === undefined ? undefined : field.metadata[physicalNameKey]
  return typeof name === 'string' ? name : field.name
}

/** The `field_id` of a field of a physical schema. */
export function parquetFieldId(field: StructField): number | undefined {
  const id = field.metadata[fieldIdKey]
  return typeof id === 'number' ? id : undefined
}

/** The schema that data files have: physical names and field ids at every depth. The schema itself where nothing is mapped. */
export function physicalSchema(schema: StructType, mapping: ColumnMapping | undefined): StructType {
  if (mapping === undefined) return schema
  return mapFields(schema, (field) => {
    const id = columnId(field)
    const metadata = id === undefined ? {} : { [fieldIdKey]: id }
    return { ...field, name: physicalName(field, mapping), metadata }
  })
}

/**
 * The schema with an id and a physical name for every field, at every depth, that has none: ids above `maxColumnId` and all there are, depth first.
 * Names follow from table, id and name, so that whoever adds the same columns to the same schema gives them the same; an id is never given twice, so
 * neither is a name.
 */
export function assignColumnIds(schema: StructType, mapping: ColumnMapping | undefined): StructType {
  if (mapping === undefined || isMapped(schema)) return schema
  let last = Math.max(mapping.maxColumnId, highestColumnId(schema))
  return mapFields(schema, (field) => {
    const known = columnId(field) !== undefined && typeof field.metadata[physicalNameKey] === 'string'
    if (known) return field
    const id = columnId(field) ?? ++last
    assert(id <= 0x7fffffff, 'column ids are 32-bit integers')
    const physical = field.metadata[physicalNameKey] ?? freshName(mapping.tableId, id, field.name)
    return { ...field, metadata: { ...field.metadata, [idKey]: id, [physicalNameKey]: physical } }
  })
}

/** 0 where no field has an id. */
export function highestColumnId(schema: StructType): number {
  let highest = 0
  mapFields(schema, (field) => {
    highest = Math.max(highest, columnId(field) ?? 0)
    return field
  })
  return highest
}

/** Whether two fields are the same column in files: both unmapped, or of the same id and physical name. Nested fields are not looked at. */
export function isSameColumn(left: StructField, right: StructField): boolean {
  return (
    left.metadata[idKey] === right.metadata[idKey] && left.metadata[physicalNameKey] === right.metadata[physicalNameKey]
  )
}

/** `col-` and a UUID's form, as other engines name columns. */
function freshName(tableId: string, id: number, name: string): string {
  const hex = sha256Hex(JSON.stringify([tableId, id, name]))
  const parts = [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)]
  return `col-${parts.join('-')}`
}

function isMapped(schema: StructType): boolean {
  let isWhole = true
  mapFields(schema, (field) => {
    isWhole &&= columnId(field) !== undefined && typeof field.metadata[physicalNameKey] === 'string'
    return field
  })
  return isWhole
}

/** Every field, nested ones too, outer before inner. */
function mapFields(schema: StructType, change: (field: StructField) => StructField): StructType {
  return struct(
    schema.fields.map((each) => {
      const changed = change(each)
      return Object.freeze({ ...changed, type: mapType(changed.type, change) })
    }),
  )
}

function mapType(type: DataType, change: (field: StructField) => StructField): DataType {
  if (typeof type === 'string') return type
  switch (type.type) {
    case 'struct':
      return mapFields(type, change)
    case 'array':
      return { ...type, elementType: mapType(type.elementType, change) }
    case 'map':
      return { ...type, keyType: mapType(type.keyType, change), valueType: mapType(type.valueType, change) }
  }
}
