import type { DuckDBType } from '@duckdb/node-api'

/** A type as a data file has it, by DuckDB's words, with Parquet's field ids where they are asked for. */
export type FileType =
  | { readonly kind: 'leaf'; readonly name: string }
  | { readonly kind: 'struct'; readonly fields: readonly FileField[] }
  | { readonly kind: 'list'; readonly element: FileType }
  | { readonly kind: 'map'; readonly key: FileType; readonly value: FileType }

export interface FileField {
  readonly name: string
  readonly fieldId: number | undefined
  readonly type: FileType
}

/** One element of a Parquet schema, in the flat order of the file: a node, then its children. */
export interface ParquetElement {
  readonly name: string
  readonly children: number
  readonly fieldId: number | undefined
}

/** The columns of a file; `elements` (its Parquet schema) lends them their field ids. */
export function fileFields(
  names: readonly string[],
  types: readonly DuckDBType[],
  elements?: readonly ParquetElement[],
): readonly FileField[] {
  const root = elements === undefined ? undefined : treeOf(elements)
  return types.map((type, index) => fieldOf(names[index] as string, type, childOf(root, names[index] as string)))
}

interface Node {
  readonly name: string
  readonly fieldId: number | undefined
  readonly children: readonly Node[]
}

function treeOf(elements: readonly ParquetElement[]): Node | undefined {
  let at = 0
  const next = (): Node | undefined => {
    const element = elements[at++]
    if (element === undefined) return undefined
    const children: Node[] = []
    for (let count = 0; count < element.children; count++) {
      const child = next()
      if (child !== undefined) children.push(child)
    }
    return { name: element.name, fieldId: element.fieldId, children }
  }
  return next()
}

function childOf(node: Node | undefined, name: string): Node | undefined {
  return node?.children.find((each) => each.name === name)
}

function fieldOf(name: string, type: DuckDBType, node: Node | undefined): FileField {
  return { name, fieldId: node?.fieldId, type: typeOf(type, node) }
}

function typeOf(type: DuckDBType, node: Node | undefined): FileType {
  if ('entryNames' in type && 'entryTypes' in type)
    return {
      kind: 'struct',
      fields: type.entryNames.map((name, index) =>
        fieldOf(name, type.entryTypes[index] as DuckDBType, childOf(node, name)),
      ),
    }
  if ('keyType' in type) {
    const entry = node?.children[0]
    return {
      kind: 'map',
      key: typeOf(type.keyType, entry?.children[0]),
      value: typeOf(type.valueType, entry?.children[1]),
    }
  }
  if ('valueType' in type) {
    // A list is a group of one repeated group of one element; older writers leave one of the two out.
    const repeated = node?.children[0]
    return {
      kind: 'list',
      element: typeOf(type.valueType, repeated?.children.length === 1 ? repeated.children[0] : repeated),
    }
  }
  return { kind: 'leaf', name: String(type) }
}
