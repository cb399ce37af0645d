import type { ColumnChunk } from './column-chunk.ts'
import { encoding, pageType } from './format.ts'
import { writeConvertedType, writeLogicalType } from './logical-types.ts'
import type { SchemaElement } from './schema-tree.ts'
import { ThriftWriter, thriftType } from './thrift-writer.ts'
import { writtenMax, writtenMin } from './value-bounds.ts'

/** Where a chunk and what belongs to it stand in the file. */
export interface PlacedChunk {
  readonly chunk: ColumnChunk
  readonly dictionaryAt: number | undefined
  readonly dataAt: number
  bloomAt?: number
  bloomLength?: number
  columnIndexAt?: number
  columnIndexLength?: number
  offsetIndexAt?: number
  offsetIndexLength?: number
}

export interface PlacedRowGroup {
  readonly rowCount: number
  readonly chunks: readonly PlacedChunk[]
}

/** parquet.thrift FileMetaData, without its length and magic. */
export function footer(
  elements: readonly SchemaElement[],
  rowGroups: readonly PlacedRowGroup[],
  createdBy: string,
): Buffer {
  const thrift = new ThriftWriter(1 << 14)
  thrift.i32(1, 2)
  thrift.list(2, thriftType.struct, elements.length)
  for (const [index, element] of elements.entries()) writeElement(thrift, element, index === 0)
  thrift.i64(
    3,
    rowGroups.reduce((sum, group) => sum + group.rowCount, 0),
  )
  thrift.list(4, thriftType.struct, rowGroups.length)
  for (const [index, group] of rowGroups.entries()) writeRowGroup(thrift, group, index)
  thrift.binary(6, createdBy)
  const leafCount = elements.filter((element) => element.childCount === 0 && element.physical !== undefined).length
  thrift.list(7, thriftType.struct, leafCount)
  for (let leaf = 0; leaf < leafCount; leaf++) {
    thrift.begin()
    thrift.empty(1)
    thrift.end()
  }
  return thrift.finish()
}

function writeElement(thrift: ThriftWriter, element: SchemaElement, isRoot: boolean): void {
  thrift.begin()
  if (element.physical !== undefined) thrift.i32(1, element.physical)
  if (element.width !== undefined) thrift.i32(2, element.width)
  if (!isRoot) thrift.i32(3, element.repetition)
  thrift.binary(4, element.name)
  if (element.physical === undefined) thrift.i32(5, element.childCount)
  if (element.logical !== undefined) writeConvertedType(thrift, element.logical)
  if (element.fieldId !== undefined) thrift.i32(9, element.fieldId)
  if (element.logical !== undefined) writeLogicalType(thrift, element.logical)
  thrift.end()
}

function writeRowGroup(thrift: ThriftWriter, group: PlacedRowGroup, ordinal: number): void {
  const { chunks } = group
  const sum = (of: (chunk: ColumnChunk) => number) => chunks.reduce((total, placed) => total + of(placed.chunk), 0)
  thrift.begin()
  thrift.list(1, thriftType.struct, chunks.length)
  for (const placed of chunks) writeChunk(thrift, placed)
  thrift.i64(
    2,
    sum((chunk) => chunk.plainBytes),
  )
  thrift.i64(3, group.rowCount)
  const [first] = chunks
  if (first !== undefined) thrift.i64(5, first.dictionaryAt ?? first.dataAt)
  thrift.i64(
    6,
    sum((chunk) => chunk.sizeBytes),
  )
  thrift.i16(7, ordinal)
  thrift.end()
}

function writeChunk(thrift: ThriftWriter, placed: PlacedChunk): void {
  const { chunk } = placed
  thrift.begin()
  thrift.i64(2, 0)
  thrift.begin(3)
  thrift.i32(1, chunk.leaf.physical)
  thrift.list(2, thriftType.i32, chunk.encodings.length)
  for (const each of chunk.encodings) thrift.integer(each)
  thrift.list(3, thriftType.binary, chunk.leaf.path.length)
  for (const name of chunk.leaf.path) thrift.element(name)
  thrift.i32(4, chunk.codecId)
  thrift.i64(5, chunk.valueCount)
  thrift.i64(6, chunk.plainBytes)
  thrift.i64(7, chunk.sizeBytes)
  thrift.i64(9, placed.dataAt)
  if (placed.dictionaryAt !== undefined) thrift.i64(11, placed.dictionaryAt)
  writeStatistics(thrift, chunk)
  writeEncodingStats(thrift, chunk)
  if (placed.bloomAt !== undefined) thrift.i64(14, placed.bloomAt)
  if (placed.bloomLength !== undefined) thrift.i32(15, placed.bloomLength)
  thrift.end()
  if (placed.offsetIndexAt !== undefined) thrift.i64(4, placed.offsetIndexAt)
  if (placed.offsetIndexLength !== undefined) thrift.i32(5, placed.offsetIndexLength)
  if (placed.columnIndexAt !== undefined) thrift.i64(6, placed.columnIndexAt)
  if (placed.columnIndexLength !== undefined) thrift.i32(7, placed.columnIndexLength)
  thrift.end()
}

/** Pages by type and encoding: by it readers know whether a dictionary has all values, and look for what they want in it first. */
function writeEncodingStats(thrift: ThriftWriter, { dictionary, pages }: ColumnChunk): void {
  const dataEncodings = [...new Set(pages.map((page) => page.encoding))].sort((a, b) => a - b)
  const counts = dataEncodings.map(
    (each) => [pageType.data, each, pages.filter((page) => page.encoding === each).length] as const,
  )
  const all = dictionary === undefined ? counts : [[pageType.dictionary, encoding.plain, 1] as const, ...counts]
  thrift.list(13, thriftType.struct, all.length)
  for (const [type, each, count] of all) {
    thrift.begin()
    thrift.i32(1, type)
    thrift.i32(2, each)
    thrift.i32(3, count)
    thrift.end()
  }
}

function writeStatistics(thrift: ThriftWriter, chunk: ColumnChunk): void {
  const min = chunk.bounds === undefined ? undefined : writtenMin(chunk.leaf, chunk.bounds)
  const max = chunk.bounds === undefined ? undefined : writtenMax(chunk.leaf, chunk.bounds)
  thrift.begin(12)
  thrift.i64(3, chunk.nullCount)
  if (max !== undefined) thrift.binary(5, max.value)
  if (min !== undefined) thrift.binary(6, min.value)
  if (max !== undefined) thrift.boolean(7, max.isExact)
  if (min !== undefined) thrift.boolean(8, min.isExact)
  thrift.end()
}
