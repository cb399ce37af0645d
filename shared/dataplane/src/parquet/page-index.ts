import type { WrittenPage } from './column-chunk.ts'
import { boundaryOrder } from './format.ts'
import type { LeafColumn } from './schema-tree.ts'
import { ThriftWriter, thriftType } from './thrift-writer.ts'
import { compareValues, writtenMax, writtenMin } from './value-bounds.ts'

/**
 * parquet.thrift ColumnIndex: bounds and null counts of each page. Undefined where a page with values has no bounds (only NaN, or a string that
 * cannot be raised): half an index is none.
 */
export function columnIndex(leaf: LeafColumn, pages: readonly WrittenPage[]): Buffer | undefined {
  const mins: Buffer[] = []
  const maxs: Buffer[] = []
  for (const page of pages) {
    const min = page.bounds === undefined ? undefined : writtenMin(leaf, page.bounds)
    const max = page.bounds === undefined ? undefined : writtenMax(leaf, page.bounds)
    if (!page.isAllNull && (min === undefined || max === undefined)) return undefined
    mins.push(min?.value ?? Buffer.alloc(0))
    maxs.push(max?.value ?? Buffer.alloc(0))
  }
  const thrift = new ThriftWriter(64 + pages.length * 32)
  thrift.list(1, thriftType.boolean, pages.length)
  for (const page of pages) thrift.flag(page.isAllNull)
  thrift.list(2, thriftType.binary, pages.length)
  for (const min of mins) thrift.element(min)
  thrift.list(3, thriftType.binary, pages.length)
  for (const max of maxs) thrift.element(max)
  thrift.i32(4, orderOf(leaf, pages, mins, maxs))
  thrift.list(5, thriftType.i64, pages.length)
  for (const page of pages) thrift.integer(page.nullCount)
  return thrift.finish()
}

/** parquet.thrift OffsetIndex: where each page of a chunk stands whose first data page is at `dataAt`. */
export function offsetIndex(pages: readonly WrittenPage[], dataAt: number): Buffer {
  const thrift = new ThriftWriter(64 + pages.length * 16)
  thrift.list(1, thriftType.struct, pages.length)
  let at = dataAt
  let firstRow = 0
  for (const page of pages) {
    thrift.begin()
    thrift.i64(1, at)
    thrift.i32(2, page.sizeBytes)
    thrift.i64(3, firstRow)
    thrift.end()
    at += page.sizeBytes
    firstRow += page.rowCount
  }
  return thrift.finish()
}

/** Whether both bounds rise or both fall from page to page, those without values left out. */
function orderOf(
  leaf: LeafColumn,
  pages: readonly WrittenPage[],
  mins: readonly Buffer[],
  maxs: readonly Buffer[],
): number {
  let isAscending = true
  let isDescending = true
  let last = -1
  for (const [index, page] of pages.entries()) {
    if (page.isAllNull) continue
    if (last >= 0) {
      const low = compareValues(leaf.physical, mins[last] as Buffer, mins[index] as Buffer)
      const high = compareValues(leaf.physical, maxs[last] as Buffer, maxs[index] as Buffer)
      if (low > 0 || high > 0) isAscending = false
      if (low < 0 || high < 0) isDescending = false
    }
    last = index
  }
  return isAscending ? boundaryOrder.ascending : isDescending ? boundaryOrder.descending : boundaryOrder.unordered
}
