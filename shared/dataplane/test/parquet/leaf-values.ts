import { decimalOf, type DataType, type ParquetRow, type StructType } from '@silt/core'

/** A leaf's type and, row by row, what its slots hold; null where a slot has no value. */
export interface LeafValues {
  readonly path: string
  readonly type: DataType
  readonly rows: unknown[][]
}

/** Every leaf of a schema with its slots in each row, worked out from the rows alone. */
export function leafValues(schema: StructType, rows: readonly ParquetRow[]): LeafValues[] {
  const leaves = new Map<string, LeafValues>()
  rows.forEach((row, index) => collectStruct(leaves, schema, '', row, index))
  if (rows.length === 0) collectStruct(leaves, schema, '', null, 0)
  return [...leaves.values()]
}

/** Order of two values of a leaf by its type; undefined where one is NaN. */
export function order(type: DataType, left: unknown, right: unknown): number | undefined {
  if (left instanceof Uint8Array) return Buffer.compare(left, right as Uint8Array)
  const [a, b] = [comparable(type, left), comparable(type, right)]
  if (a !== a || b !== b) return undefined
  return a < b ? -1 : a > b ? 1 : 0
}

function comparable(type: DataType, value: unknown): number | bigint {
  if (typeof value === 'boolean') return value ? 1 : 0
  if (decimalOf(type) !== undefined) return BigInt(value as bigint)
  return value as number | bigint
}

type Into = Map<string, LeafValues>

function collectStruct(into: Into, type: StructType, path: string, value: ParquetRow | null, row: number): void {
  for (const field of type.fields) collect(into, field.type, `${path}.${field.name}`, value?.[field.name] ?? null, row)
}

function collect(into: Into, type: DataType, path: string, value: unknown, row: number): void {
  if (typeof type === 'string') {
    let leaf = into.get(path)
    if (leaf === undefined) into.set(path, (leaf = { path, type, rows: [] }))
    const held =
      typeof value === 'string'
        ? Buffer.from(value)
        : type === 'float' && value !== null
          ? Math.fround(value as number)
          : value
    ;(leaf.rows[row] ??= []).push(held)
    return
  }
  if (type.type === 'struct') return collectStruct(into, type, path, value as ParquetRow | null, row)
  const items = value === null ? [] : type.type === 'array' ? (value as unknown[]) : Object.entries(value as object)
  if (items.length === 0) items.push(null)
  for (const item of items) {
    if (type.type === 'array') collect(into, type.elementType, `${path}.element`, item ?? null, row)
    else {
      const [key, each] = (item ?? [null, null]) as [unknown, unknown]
      collect(into, type.keyType, `${path}.key`, key, row)
      collect(into, type.valueType, `${path}.value`, each ?? null, row)
    }
  }
}
