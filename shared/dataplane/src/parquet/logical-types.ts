import { decimalOf, type PrimitiveType } from '@silt/core'
import { physicalType, type PhysicalType } from './format.ts'
import type { ThriftWriter } from './thrift-writer.ts'

/** What a physical type means (LogicalTypes.md), with the older converted type beside it where there is one. */
export type LogicalType =
  | { readonly kind: 'string' | 'list' | 'map' | 'date' }
  | { readonly kind: 'integer'; readonly bits: 8 | 16 }
  | { readonly kind: 'decimal'; readonly precision: number; readonly scale: number }
  | { readonly kind: 'timestamp'; readonly isUtc: boolean }

const plain: Readonly<Record<string, { readonly physical: PhysicalType; readonly logical?: LogicalType }>> = {
  boolean: { physical: physicalType.boolean },
  byte: { physical: physicalType.int32, logical: { kind: 'integer', bits: 8 } },
  short: { physical: physicalType.int32, logical: { kind: 'integer', bits: 16 } },
  integer: { physical: physicalType.int32 },
  long: { physical: physicalType.int64 },
  float: { physical: physicalType.float },
  double: { physical: physicalType.double },
  string: { physical: physicalType.byteArray, logical: { kind: 'string' } },
  binary: { physical: physicalType.byteArray },
  date: { physical: physicalType.int32, logical: { kind: 'date' } },
  timestamp: { physical: physicalType.int64, logical: { kind: 'timestamp', isUtc: true } },
  timestamp_ntz: { physical: physicalType.int64, logical: { kind: 'timestamp', isUtc: false } },
}

/** A Delta primitive's Parquet form (Delta PROTOCOL § Primitive Types); undefined where there is none. Decimals take the least bytes. */
export function logicalTypeOf(
  type: PrimitiveType,
): { readonly physical: PhysicalType; readonly logical?: LogicalType } | undefined {
  const decimal = decimalOf(type)
  if (decimal === undefined) return plain[type]
  const { precision, scale } = decimal
  if (precision < 1 || precision > 38 || scale < 0 || scale > precision) return undefined
  return {
    physical:
      precision <= 9 ? physicalType.int32 : precision <= 18 ? physicalType.int64 : physicalType.fixedLenByteArray,
    logical: { kind: 'decimal', precision, scale },
  }
}

/** Bytes that hold every unscaled value of `precision` digits with its sign. */
export function fixedWidthOf(precision: number): number {
  let width = 1
  while (2n ** BigInt(8 * width - 1) < 10n ** BigInt(precision)) width++
  return width
}

/** Fields 6 to 8 of a SchemaElement. */
export function writeConvertedType(thrift: ThriftWriter, logical: LogicalType): void {
  const converted = convertedType(logical)
  if (converted !== undefined) thrift.i32(6, converted)
  if (logical.kind === 'decimal') {
    thrift.i32(7, logical.scale)
    thrift.i32(8, logical.precision)
  }
}

/** Field 10 of a SchemaElement. */
export function writeLogicalType(thrift: ThriftWriter, logical: LogicalType): void {
  thrift.begin(10)
  switch (logical.kind) {
    case 'string':
      thrift.empty(1)
      break
    case 'map':
      thrift.empty(2)
      break
    case 'list':
      thrift.empty(3)
      break
    case 'decimal':
      thrift.begin(5)
      thrift.i32(1, logical.scale)
      thrift.i32(2, logical.precision)
      thrift.end()
      break
    case 'date':
      thrift.empty(6)
      break
    case 'timestamp':
      thrift.begin(8)
      thrift.boolean(1, logical.isUtc)
      thrift.begin(2)
      thrift.empty(2)
      thrift.end()
      thrift.end()
      break
    case 'integer':
      thrift.begin(10)
      thrift.byte(1, logical.bits)
      thrift.boolean(2, true)
      thrift.end()
      break
  }
  thrift.end()
}

function convertedType(logical: LogicalType): number | undefined {
  switch (logical.kind) {
    case 'string':
      return 0
    case 'map':
      return 1
    case 'list':
      return 3
    case 'decimal':
      return 5
    case 'date':
      return 6
    case 'timestamp':
      // TIMESTAMP_MICROS means UTC; a local one has no older form that all readers take as local.
      return logical.isUtc ? 10 : undefined
    case 'integer':
      return logical.bits === 8 ? 15 : 16
  }
}
