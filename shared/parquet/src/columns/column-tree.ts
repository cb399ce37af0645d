import type { SchemaElement, SchemaTree } from 'hyparquet'
import { decimalOf, type DataType, type StructType } from '@silt/core'
import type { Leaf } from './leaf-cursor.ts'

/** A wanted column as the file has it. `level`: the definition level at which it is there. */
export type ColumnNode =
  | { readonly kind: 'absent'; readonly type: DataType }
  | { readonly kind: 'leaf'; readonly type: DataType; readonly leaf: Leaf }
  | {
      readonly kind: 'struct'
      readonly level: number
      readonly isNullable: boolean
      readonly children: readonly ColumnNode[]
    }
  /** A list, or a map, whose item is a struct of key and value. `itemLevel`: where an item is there. */
  | { readonly kind: 'list'; readonly level: number; readonly itemLevel: number; readonly item: ColumnNode }

/**
 * Where the file has the columns of `schema`; undefined where it has one of them in a form that is not read here: lists within lists, older forms of
 * lists, or a type that stands for another.
 */
export function columnTree(tree: SchemaTree, schema: StructType): readonly ColumnNode[] | undefined {
  const nodes = fieldNodes(tree, schema, { level: 0, repeat: 0 })
  return nodes.every((each) => each !== undefined) ? nodes : undefined
}

interface Place {
  readonly level: number
  readonly repeat: number
}

function fieldNodes(tree: SchemaTree, schema: StructType, place: Place): (ColumnNode | undefined)[] {
  return schema.fields.map(({ name, type }) => {
    const child = tree.children.find(({ element }) => element.name === name)
    return child === undefined ? { kind: 'absent', type } : nodeOf(child, type, place)
  })
}

function nodeOf(tree: SchemaTree, type: DataType, above: Place): ColumnNode | undefined {
  const { element } = tree
  if (element.repetition_type === 'REPEATED') return undefined
  const isNullable = element.repetition_type === 'OPTIONAL'
  const level = above.level + (isNullable ? 1 : 0)
  const place = { level, repeat: above.repeat }
  if (typeof type === 'string') {
    if (tree.children.length > 0 || element.type === undefined || !fits(element, type)) return undefined
    const leaf: Leaf = { path: tree.path, type: element.type, levelMax: level, repeatMax: above.repeat }
    return { kind: 'leaf', type, leaf }
  }
  if (type.type === 'struct') {
    if (tree.children.length === 0 || isOfItems(element)) return undefined
    const children = fieldNodes(tree, type, place)
    if (!children.every((each) => each !== undefined)) return undefined
    return { kind: 'struct', level, isNullable, children }
  }
  const [group] = tree.children
  if (above.repeat > 0 || tree.children.length !== 1 || group?.element.repetition_type !== 'REPEATED') return undefined
  const itemLevel = level + 1
  const inner = { level: itemLevel, repeat: 1 }
  const item = type.type === 'array' ? elementOf(element, group, type.elementType, inner) : entryOf(group, type, inner)
  return item === undefined ? undefined : { kind: 'list', level, itemLevel, item }
}

function elementOf(element: SchemaElement, group: SchemaTree, type: DataType, inner: Place): ColumnNode | undefined {
  const [item] = group.children
  // Of older forms the repeated group is the element itself.
  if (!isList(element) || group.children.length !== 1 || item === undefined) return undefined
  if (!['list', 'bag'].includes(group.element.name)) return undefined
  return nodeOf(item, type, inner)
}

function entryOf(
  group: SchemaTree,
  { keyType, valueType }: { readonly keyType: DataType; readonly valueType: DataType },
  inner: Place,
): ColumnNode | undefined {
  const [key, value] = group.children
  if (group.children.length !== 2 || key === undefined || value === undefined) return undefined
  const children = [nodeOf(key, keyType, inner), nodeOf(value, valueType, inner)]
  if (!children.every((each) => each !== undefined)) return undefined
  return { kind: 'struct', level: inner.level, isNullable: false, children }
}

function isList({ converted_type, logical_type }: SchemaElement): boolean {
  return converted_type === 'LIST' || logical_type?.type === 'LIST'
}

function isOfItems(element: SchemaElement): boolean {
  const { converted_type, logical_type } = element
  return isList(element) || ['MAP', 'MAP_KEY_VALUE'].includes(converted_type ?? '') || logical_type?.type === 'MAP'
}

/** Whether a leaf's values are the type's as they stand. */
function fits({ type, converted_type, logical_type, scale }: SchemaElement, wanted: string): boolean {
  const isPlain = converted_type === undefined && logical_type === undefined
  const isInteger =
    isPlain || (logical_type?.type === 'INTEGER' && logical_type.isSigned) || /^INT_\d+$/.test(converted_type ?? '')
  switch (wanted) {
    case 'string':
    case 'binary':
      return type === 'BYTE_ARRAY' && converted_type !== 'DECIMAL' && logical_type?.type !== 'DECIMAL'
    case 'long':
    case 'integer':
    case 'short':
    case 'byte':
      return (type === 'INT64' || type === 'INT32') && isInteger
    case 'float':
    case 'double':
      return (type === 'FLOAT' || type === 'DOUBLE') && isPlain
    case 'boolean':
      return type === 'BOOLEAN'
    case 'date':
      return type === 'INT32' && (converted_type === 'DATE' || logical_type?.type === 'DATE')
    case 'timestamp':
    case 'timestamp_ntz': {
      const isMicros = logical_type?.type === 'TIMESTAMP' && logical_type.unit === 'MICROS'
      return type === 'INT64' && (isMicros || converted_type === 'TIMESTAMP_MICROS')
    }
    default: {
      const decimal = decimalOf(wanted as DataType)
      const isDecimal = converted_type === 'DECIMAL' || logical_type?.type === 'DECIMAL'
      const held = logical_type?.type === 'DECIMAL' ? logical_type.scale : scale
      return (type === 'INT64' || type === 'INT32') && isDecimal && decimal?.scale === (held ?? 0)
    }
  }
}

/** The leaves below a column, first to last. */
export function leavesOf(node: ColumnNode): readonly Leaf[] {
  switch (node.kind) {
    case 'absent':
      return []
    case 'leaf':
      return [node.leaf]
    case 'struct':
      return node.children.flatMap(leavesOf)
    case 'list':
      return leavesOf(node.item)
  }
}
