/** Delta schema, spelled as in Delta PROTOCOL § Schema Serialization Format. */
export type PrimitiveType =
  | 'string'
  | 'long'
  | 'integer'
  | 'short'
  | 'byte'
  | 'float'
  | 'double'
  | 'boolean'
  | 'binary'
  | 'date'
  | 'timestamp'
  | 'timestamp_ntz'
  | `decimal(${number},${number})`

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
