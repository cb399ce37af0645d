const plainTypes = [
  'string',
  'long',
  'integer',
  'short',
  'byte',
  'float',
  'double',
  'boolean',
  'binary',
  'date',
  'timestamp',
  'timestamp_ntz',
  'variant',
  // Of columns without a value, which no file holds (§ Void Type).
  'void',
] as const

/** Delta schema, spelled as in Delta PROTOCOL § Schema Serialization Format. */
export type PrimitiveType = (typeof plainTypes)[number] | `decimal(${number},${number})`

export interface ArrayType {
  readonly type: 'array'
  readonly elementType: DataType
  readonly containsNull: boolean
}

export interface MapType {
  readonly type: 'map'
  readonly keyType: DataType
  readonly valueType: DataType
  readonly valueContainsNull: boolean
}

export interface StructField {
  readonly name: string
  readonly type: DataType
  readonly nullable: boolean
  readonly metadata: Readonly<Record<string, unknown>>
}

export interface StructType {
  readonly type: 'struct'
  readonly fields: readonly StructField[]
}

export type DataType = PrimitiveType | ArrayType | MapType | StructType

export function field(name: string, type: DataType, nullable = true): StructField {
  return Object.freeze({ name, type, nullable, metadata: Object.freeze({}) })
}

export function struct(fields: readonly StructField[]): StructType {
  return Object.freeze({ type: 'struct', fields: Object.freeze([...fields]) })
}

const plainTypeNames: ReadonlySet<string> = new Set(plainTypes)

/** A primitive type by its name in a schema, decimals as any engine spells them; undefined for a name that Delta's protocol lacks. */
export function primitiveType(name: string): PrimitiveType | undefined {
  if (plainTypeNames.has(name)) return name as PrimitiveType
  if (name === 'decimal') return 'decimal(10,0)'
  const decimal = /^decimal\(\s*(\d{1,2})\s*,\s*(-?\d{1,2})\s*\)$/.exec(name)
  return decimal === null ? undefined : `decimal(${Number(decimal[1])},${Number(decimal[2])})`
}

/** Precision and scale of a Delta decimal type's name, `decimal(p,s)`; undefined for any other type. */
export function decimalOf(type: DataType): { readonly precision: number; readonly scale: number } | undefined {
  if (typeof type !== 'string') return undefined
  const match = /^decimal\((\d+),(-?\d+)\)$/.exec(type)
  return match === null ? undefined : { precision: Number(match[1]), scale: Number(match[2]) }
}
