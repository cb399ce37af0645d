import {
  absentNullCounts,
  allColumns,
  assert,
  type ColumnBatch,
  type ColumnVector,
  type DataType,
  type StatisticsColumns,
} from '@silt/core'
import { doubleBounds, integerBounds, longBounds, stringBounds, type Bounds } from './stats-bounds.ts'

/**
 * The JSON text of an add's `stats` for the file that holds this batch (Delta PROTOCOL § Per-file Statistics).
 *
 * 1. `numRecords` and every `nullCount` are exact; a struct counts per leaf, a child of a null struct being null; a list counts as one column.
 * 2. `minValues` and `maxValues` are bounds: no value in the file lies outside. Texts are cut to 32 code points, timestamps to ISO milliseconds
 *    (minimum down, maximum up). Binary, boolean and list columns have none, nor does a column without values.
 * 3. Only `columns` are in it.
 */
export function deltaStats(batch: ColumnBatch, columns: StatisticsColumns = allColumns): string {
  const mins = new JsonObject()
  const maxs = new JsonObject()
  const nullCounts = new JsonObject()
  batch.schema.fields.forEach((field, index) => {
    const vector = batch.columns[index]
    assert(vector !== undefined, 'a column batch has one vector a field')
    collect([field.name], vector, field.type, { mins, maxs, nullCounts, columns })
  })
  for (const member of absentNullCounts(batch.schema, columns, batch.rowCount)) nullCounts.add(member)
  return (
    `{"numRecords":${batch.rowCount},"minValues":${mins.text()},` +
    `"maxValues":${maxs.text()},"nullCount":${nullCounts.text()}}`
  )
}

interface Collected {
  readonly mins: JsonObject
  readonly maxs: JsonObject
  readonly nullCounts: JsonObject
  readonly columns: StatisticsColumns
}

function collect(path: readonly string[], vector: ColumnVector, type: DataType, into: Collected): void {
  const name = path.at(-1) ?? ''
  if (vector.kind === 'struct') {
    assert(typeof type === 'object' && type.type === 'struct', `column ${name} is not a struct`)
    const { columns } = into
    const inner: Collected = { mins: new JsonObject(), maxs: new JsonObject(), nullCounts: new JsonObject(), columns }
    vector.children.forEach((child, index) => {
      const field = type.fields[index]
      assert(field !== undefined, 'a struct vector has one child a field')
      collect([...path, field.name], underParent(child, vector), field.type, inner)
    })
    if (!inner.mins.isEmpty) into.mins.set(name, inner.mins.text())
    if (!inner.maxs.isEmpty) into.maxs.set(name, inner.maxs.text())
    if (!inner.nullCounts.isEmpty) into.nullCounts.set(name, inner.nullCounts.text())
    return
  }
  if (!into.columns.has(path)) return
  const { min, max } = boundsOf(vector, type)
  if (min !== undefined) into.mins.set(name, min)
  if (max !== undefined) into.maxs.set(name, max)
  into.nullCounts.set(name, String(vector.nullCount))
}

function boundsOf(vector: ColumnVector, type: DataType): Bounds {
  if (vector.nullCount === vector.length) return {}
  switch (vector.kind) {
    case 'string':
      return stringBounds(vector)
    case 'double':
      return doubleBounds(vector)
    case 'long':
    case 'timestamp':
      return longBounds(vector, type)
    case 'integer':
    case 'date':
      return integerBounds(vector)
    case 'binary':
    case 'boolean':
    case 'list':
    case 'struct':
      return {}
  }
}

/** The child with its parent's nulls laid over its own. */
function underParent(child: ColumnVector, parent: ColumnVector): ColumnVector {
  if (parent.nullCount === 0 || parent.validity === undefined) return child
  const validity = new Uint8Array((parent.length + 7) >> 3)
  let nullCount = 0
  for (let slot = 0; slot < parent.length; slot++) {
    const bit = 1 << (slot & 7)
    const isPresent =
      (parent.validity[slot >> 3]! & bit) !== 0 &&
      (child.validity === undefined || (child.validity[slot >> 3]! & bit) !== 0)
    if (isPresent) validity[slot >> 3]! |= bit
    else nullCount++
  }
  return { ...child, validity, nullCount }
}

/** Ready JSON values by name: numbers keep their digits, which JSON.stringify of doubles would not. */
class JsonObject {
  readonly #members: string[] = []

  get isEmpty(): boolean {
    return this.#members.length === 0
  }

  set(name: string, json: string): void {
    this.#members.push(`${JSON.stringify(name)}:${json}`)
  }

  /** A ready member. */
  add(member: string): void {
    this.#members.push(member)
  }

  text(): string {
    return `{${this.#members.join(',')}}`
  }
}
