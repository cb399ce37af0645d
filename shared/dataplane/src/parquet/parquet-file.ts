import { bloomFilterHeader } from './bloom-filter.ts'
import type { ColumnChunk } from './column-chunk.ts'
import { footer, type PlacedChunk, type PlacedRowGroup } from './footer.ts'
import type { FileMemory } from './file-memory.ts'
import { columnIndex, offsetIndex } from './page-index.ts'
import type { SchemaElement } from './schema-tree.ts'

export interface RowGroup {
  readonly rowCount: number
  readonly chunks: readonly ColumnChunk[]
}

/**
 * Lays row groups out as a file, assembled once (parquet-format README § File format):
 *
 *     "PAR1" ; row group* => (dictionary page? data page*)* ; Bloom filter* ; column index* ; offset index* ; footer ; length:u32 ; "PAR1"
 */
export function layFile(
  elements: readonly SchemaElement[],
  rowGroups: readonly RowGroup[],
  options: { readonly pageIndex: boolean; readonly createdBy: string },
  memory: FileMemory,
): Uint8Array<ArrayBuffer> {
  const parts: Uint8Array[] = []
  let at = 0
  const put = (...buffers: readonly Uint8Array[]) => {
    const from = at
    for (const buffer of buffers) {
      parts.push(buffer)
      at += buffer.byteLength
    }
    return from
  }
  put(Buffer.from('PAR1'))
  const placed: PlacedRowGroup[] = rowGroups.map(({ rowCount, chunks }) => ({
    rowCount,
    chunks: chunks.map((chunk) => {
      const dictionaryAt = chunk.dictionary === undefined ? undefined : put(...chunk.dictionary)
      const dataAt = put(...chunk.pages.flatMap(({ header, body }) => [header, body]))
      return { chunk, dictionaryAt, dataAt }
    }),
  }))
  const all: readonly PlacedChunk[] = placed.flatMap((group) => group.chunks)
  for (const each of all) {
    const { bloom } = each.chunk
    if (bloom === undefined) continue
    each.bloomAt = put(bloomFilterHeader(bloom.byteLength), bloom)
    each.bloomLength = at - each.bloomAt
  }
  if (options.pageIndex) {
    for (const each of all) {
      const index = columnIndex(each.chunk.leaf, each.chunk.pages)
      if (index === undefined) continue
      each.columnIndexAt = put(index)
      each.columnIndexLength = index.byteLength
    }
    for (const each of all) {
      const index = offsetIndex(each.chunk.pages, each.dataAt)
      each.offsetIndexAt = put(index)
      each.offsetIndexLength = index.byteLength
    }
  }
  const metadata = footer(elements, placed, options.createdBy)
  const tail = Buffer.alloc(8)
  tail.writeUInt32LE(metadata.byteLength)
  tail.write('PAR1', 4)
  put(metadata, tail)
  return joined(parts, memory.take(at))
}

function joined(parts: readonly Uint8Array[], bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> {
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return bytes
}
