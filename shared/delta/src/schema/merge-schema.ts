import {
  columnId,
  field,
  highestColumnId,
  isSameColumn,
  struct,
  type ColumnMapping,
  type DataType,
  type StructField,
  type StructType,
} from '@silt/core'

/** `same`: the table already takes such files. `widened`: it does after this schema is committed. `conflict`: it never will; `field` is a dotted path. */
export type SchemaMerge =
  | { readonly kind: 'same' }
  | { readonly kind: 'widened'; readonly schema: StructType }
  | { readonly kind: 'conflict'; readonly field: string }

/**
 * What committing files of schema `file` asks of a table of schema `table` (I9). Only adds, never narrows or retypes:
 *
 * 1. A column of the file that the table lacks is added at the end, nullable.
 * 2. A column of both must have the same name in the same case, and the same type; structs are merged field by field.
 * 3. A column the table requires (`nullable: false`) must be required in the file as well.
 * 4. Where the table maps columns, a column of both must have the same id and physical name, and an added one an id above all ever given.
 */
export function mergeSchema(table: StructType, file: StructType, mapping?: ColumnMapping): SchemaMerge {
  const merged = mergeStruct(table, file, '', rulesOf(table, mapping))
  if ('conflict' in merged) return { kind: 'conflict', field: merged.conflict }
  return merged.type === table ? { kind: 'same' } : { kind: 'widened', schema: merged.type as StructType }
}

// `type` is the very object handed in when nothing was added: identity tells `same` from `widened`.
type Merged = { readonly type: DataType } | { readonly conflict: string }

interface Rules {
  isSame(present: StructField, wanted: StructField): boolean
  isNew(field: StructField): boolean
}

const unmapped: Rules = { isSame: () => true, isNew: () => true }

function rulesOf(table: StructType, mapping: ColumnMapping | undefined): Rules {
  if (mapping === undefined) return unmapped
  const lastId = Math.max(mapping.maxColumnId, highestColumnId(table))
  return { isSame: isSameColumn, isNew: (added) => (columnId(added) ?? 0) > lastId }
}

function mergeStruct(table: StructType, file: StructType, prefix: string, rules: Rules): Merged {
  const byFoldedName = foldedNames(table)
  const seen = new Set<string>()
  const retyped = new Map<string, DataType>()
  const added: StructField[] = []
  for (const wanted of file.fields) {
    const path = prefix + wanted.name
    const foldedName = wanted.name.toLowerCase()
    if (seen.has(foldedName)) return { conflict: path }
    seen.add(foldedName)
    const present = byFoldedName.get(foldedName)
    if (present === undefined) {
      if (!rules.isNew(wanted)) return { conflict: path }
      added.push({ ...field(wanted.name, asNullable(wanted.type)), metadata: wanted.metadata })
      continue
    }
    if (present.name !== wanted.name || (!present.nullable && wanted.nullable)) return { conflict: path }
    if (!rules.isSame(present, wanted)) return { conflict: path }
    const merged = mergeType(present.type, wanted.type, path, rules)
    if ('conflict' in merged) return merged
    if (merged.type !== present.type) retyped.set(present.name, merged.type)
  }
  const missing = table.fields.find((each) => !each.nullable && !seen.has(each.name.toLowerCase()))
  if (missing !== undefined) return { conflict: prefix + missing.name }
  if (added.length === 0 && retyped.size === 0) return { type: table }
  const kept = table.fields.map((each) => ({ ...each, type: retyped.get(each.name) ?? each.type }))
  return { type: struct([...kept, ...added]) }
}

/** One table's schema is held against the schemas of many files. */
const folded = new WeakMap<StructType, ReadonlyMap<string, StructField>>()

function foldedNames(schema: StructType): ReadonlyMap<string, StructField> {
  let names = folded.get(schema)
  if (names === undefined)
    folded.set(schema, (names = new Map(schema.fields.map((each) => [each.name.toLowerCase(), each]))))
  return names
}

function mergeType(table: DataType, file: DataType, path: string, rules: Rules): Merged {
  if (typeof table === 'string' || typeof file === 'string')
    return table === file ? { type: table } : { conflict: path }
  if (table.type === 'struct' && file.type === 'struct') return mergeStruct(table, file, `${path}.`, rules)
  if (table.type === 'array' && file.type === 'array') {
    if (!table.containsNull && file.containsNull) return { conflict: `${path}.element` }
    const element = mergeType(table.elementType, file.elementType, `${path}.element`, rules)
    if ('conflict' in element) return element
    return { type: element.type === table.elementType ? table : { ...table, elementType: element.type } }
  }
  if (table.type === 'map' && file.type === 'map') {
    if (!table.valueContainsNull && file.valueContainsNull) return { conflict: `${path}.value` }
    const key = mergeType(table.keyType, file.keyType, `${path}.key`, rules)
    if ('conflict' in key) return key
    const value = mergeType(table.valueType, file.valueType, `${path}.value`, rules)
    if ('conflict' in value) return value
    const same = key.type === table.keyType && value.type === table.valueType
    return { type: same ? table : { ...table, keyType: key.type, valueType: value.type } }
  }
  return { conflict: path }
}

// Files written before the column existed have no value for it, at no depth.
function asNullable(type: DataType): DataType {
  if (typeof type === 'string') return type
  if (type.type === 'array') return { ...type, elementType: asNullable(type.elementType) }
  if (type.type === 'map') return { ...type, valueType: asNullable(type.valueType) }
  return struct(type.fields.map((each) => ({ ...each, nullable: true, type: asNullable(each.type) })))
}
