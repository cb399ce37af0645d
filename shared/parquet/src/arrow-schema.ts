import {
  Binary,
  Bool,
  DateDay,
  Decimal,
  Field,
  Float32,
  Float64,
  Int16,
  Int32,
  Int64,
  Int8,
  List,
  Map_,
  Struct,
  TimestampMicrosecond,
  Utf8,
  type DataType as ArrowType,
} from 'apache-arrow'
import { SiltError, assert, decimalOf, parquetFieldId, type DataType, type StructField } from '@silt/core'

/**
 * The Arrow field whose Parquet form other engines read as this Delta column.
 *
 * `timestamp` becomes TIMESTAMP(MICROS, isAdjustedToUTC=true), `timestamp_ntz` the same unadjusted. Lists and maps get the
 * names Spark writes (`list.element`, `key_value.key`), which some readers look for. Nothing is dictionary-typed in Arrow: Parquet's own
 * dictionaries do that without leaking into the reader's schema. A physical schema's field ids become Parquet's.
 */
export function arrowField(field: StructField): Field {
  const id = parquetFieldId(field)
  const metadata = id === undefined ? undefined : new Map([['PARQUET:field_id', String(id)]])
  return new Field(field.name, arrowType(field.type), field.nullable, metadata)
}

/** The nested field of a list, map or struct field. */
export function nestedField(field: Field, index: number): Field {
  const nested = (field.type as ArrowType).children as Field[] | null
  const found = nested?.[index]
  assert(found !== undefined, `field ${field.name} has no nested field ${index}`)
  return found
}

function arrowType(type: DataType): ArrowType {
  if (typeof type === 'object') {
    switch (type.type) {
      case 'struct':
        return new Struct(type.fields.map(arrowField))
      case 'array':
        return new List(new Field('element', arrowType(type.elementType), type.containsNull))
      case 'map': {
        const key = new Field('key', arrowType(type.keyType), false)
        const value = new Field('value', arrowType(type.valueType), type.valueContainsNull)
        const entries = new Field('key_value', new Struct([key, value]), false)
        const map = new Map_(entries.clone() as never)
        // The constructor renames its child to `entries`; the Parquet specification says `key_value`.
        map.children[0] = entries as never
        return map
      }
    }
  }
  switch (type) {
    case 'string':
      return new Utf8()
    case 'binary':
      return new Binary()
    case 'long':
      return new Int64()
    case 'integer':
      return new Int32()
    case 'short':
      return new Int16()
    case 'byte':
      return new Int8()
    case 'double':
      return new Float64()
    case 'float':
      return new Float32()
    case 'boolean':
      return new Bool()
    case 'date':
      return new DateDay()
    case 'timestamp':
      return new TimestampMicrosecond('UTC')
    case 'timestamp_ntz':
      return new TimestampMicrosecond()
    default: {
      const decimal = decimalOf(type)
      if (decimal !== undefined) return new Decimal(decimal.scale, decimal.precision, 128)
      throw new SiltError(
        'unsupported',
        'parquet/unsupported-type',
        `Delta type ${JSON.stringify(type)} has no Parquet form here`,
      )
    }
  }
}
