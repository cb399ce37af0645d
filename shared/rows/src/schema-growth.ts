import {
  assert,
  assignColumnIds,
  field,
  struct,
  type ColumnMapping,
  type EncodeSpec,
  type PrimitiveType,
  type StructField,
  type StructType,
} from '@silt/core'
import { jsonKind } from './object-fields.ts'

/** What to do with a top-level field that fills none of the table's columns. */
export type FieldFate = 'add' | 'rescue' | 'fail'

/**
 * The table's columns as a unit sees them, with those it adds.
 *
 * 1. Columns are only ever appended; none changes its type.
 * 2. No two names are equal ignoring case; there are never more than `columnsMax` through adding.
 * 3. Where the table maps columns, every added one has an id and a physical name.
 */
export class SchemaGrowth {
  readonly #fields: StructField[]
  readonly #names: Set<string>
  readonly #namesIgnoringCase: Set<string>
  readonly #evolution: EncodeSpec['evolution']
  readonly #columnsMax: number
  readonly #mapping: ColumnMapping | undefined

  constructor(
    schema: StructType,
    evolution: EncodeSpec['evolution'],
    columnsMax: number,
    mapping: ColumnMapping | undefined,
  ) {
    this.#fields = [...schema.fields]
    this.#names = new Set(schema.fields.map((each) => each.name))
    this.#namesIgnoringCase = new Set(schema.fields.map((each) => each.name.toLowerCase()))
    this.#evolution = evolution
    this.#columnsMax = columnsMax
    this.#mapping = mapping
  }

  get schema(): StructType {
    return struct(this.#fields)
  }

  /** A name the table has, but JSON does not fill (provenance, partition column, nested type), is rescued in every mode. */
  fateOf(name: string): FieldFate {
    if (this.#names.has(name)) return 'rescue'
    if (this.#evolution !== 'add') return this.#evolution
    const isAddable =
      this.#fields.length < this.#columnsMax &&
      addableName.test(name) &&
      !this.#namesIgnoringCase.has(name.toLowerCase())
    return isAddable ? 'add' : 'rescue'
  }

  /** Adds a column typed by its first value; the name's fate must be `add`. */
  add(name: string, kind: number): StructField {
    const added = assignColumnIds(struct([...this.#fields, field(name, typeFor(kind))]), this.#mapping).fields.at(-1)
    assert(added !== undefined, 'a column is added at the end')
    this.#fields.push(added)
    this.#names.add(name)
    this.#namesIgnoringCase.add(name.toLowerCase())
    return added
  }
}

const addableName = /^[A-Za-z][A-Za-z0-9_]{0,127}$/

function typeFor(kind: number): PrimitiveType {
  switch (kind) {
    case jsonKind.number:
      return 'double'
    case jsonKind.true:
    case jsonKind.false:
      return 'boolean'
    default:
      return 'string'
  }
}
